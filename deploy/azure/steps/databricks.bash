# The Spark job: its principal, its files in a volume of Unity Catalog, and the job itself, by the REST API of Databricks.
# shellcheck shell=bash
# The single quotes hold programs of jq, whose own variables begin with $.
# shellcheck disable=SC2154,SC2034,SC2016

# Azure Databricks' application in Entra, the same in every tenant.
readonly databricks_application=2ff814a6-3304-4ab8-85cb-cd0e6f879c1d

# The job's settings as JSON, for what the arguments of jq say of it.
job_settings() { jq -n -f "$here/steps/spark-job.jq" "$@"; }

# One of its settings, which is the same for all.
job_setting() { job_settings --arg jar '' --arg properties '' --arg client '' --arg tenant '' --arg policy '' --arg email '' | jq -r "$1"; }

# A body for a REST call: body JQ-PROGRAM [--arg NAME VALUE]...
body() {
    local program=$1
    shift
    jq -n "$@" "$program" >"$work/body.json"
}

# databricks WHAT METHOD PATH [body]: a call of the workspace's REST API; with `body`, $work/body.json is sent.
databricks() {
    azure "$1" rest --method "$2" --url "https://$databricksWorkspaceUrl$3" --resource "$databricks_application" --headers "@$work/headers.json" ${4:+--body "@$work/body.json"}
}

# Before Bicep, which gives the principal its right on Event Hubs. $spark_principal is what the database calls it, with its object id.
register_spark() {
    local name=$prefix-$environment-spark
    azure 'the job'\''s principal' ad app list --display-name "$name" || fail "registrations in Entra cannot be listed: $(reason)."
    spark_client_id=$(value "[.[] | select(.displayName == \"$name\")][0].appId")
    if [[ -z $spark_client_id ]]; then
        azure 'the job'\''s principal' ad app create --display-name "$name" --sign-in-audience AzureADMyOrg || fail "the Spark job cannot be registered in Entra as $name ($(reason)): ask for the role Application Developer."
        spark_client_id=$(value .appId)
    fi
    spark_client_id=${spark_client_id:-<sparkClientId>}
    service_principal "$spark_client_id" 'the job'\''s principal'
    spark_principal=$name=$principal_id
    [[ -n $dry_run ]] || set_parameter sparkPrincipalId "$principal_id"
}

# service_principal APPLICATION-ID WHAT: finds or makes it; its object id in $principal_id.
service_principal() {
    azure "$2" ad sp list --filter "appId eq '$1'" || fail "the service principal of $1 cannot be looked at: $(reason)."
    principal_id=$(value '.[0].id')
    if [[ -z $principal_id ]]; then
        azure "$2" ad sp create --id "$1" || fail "the registration $1 gets no service principal: $(reason)."
        principal_id=$(value .id)
    fi
    principal_id=${principal_id:-<principalId>}
}

# Who has a role on the workspace's resource, but never was in it, is let in as its administrator by these two.
enter_workspace() {
    read_outputs databricksWorkspaceUrl databricksWorkspaceResourceId
    azure 'a token' account get-access-token --subscription "$subscription" --resource https://management.core.windows.net/ || fail "there is no token for Azure: $(reason)."
    [[ -n $dry_run ]] || jq --arg id "$databricksWorkspaceResourceId" '{"X-Databricks-Azure-Workspace-Resource-Id": $id, "X-Databricks-Azure-SP-Management-Token": .accessToken}' "$answer" >"$work/headers.json"
    : >"$answer"
    databricks 'the workspace' get /api/2.1/unity-catalog/current-metastore-assignment ||
        fail "the workspace $databricksWorkspaceUrl has no Unity Catalog that you may see ($(reason)): let an account administrator of Databricks assign a metastore of the region."
    catalog=${catalog:-$(value .default_catalog_name)}
    [[ $catalog != hive_metastore ]] || fail "the workspace's default catalog is hive_metastore, which has no volumes: name one of Unity Catalog by --catalog."
    catalog=${catalog:-<catalog>}
    volume=/Volumes/$catalog/evbilling/files
}

# found_or_made WHAT GET-PATH POST-PATH JQ-PROGRAM [--arg ...]
found_or_made() {
    local what=$1 look=$2 make=$3
    shift 3
    if [[ -z $dry_run ]] && databricks "$what" get "$look"; then return; fi
    body "$@"
    databricks "$what" post "$make" body || fail "$what cannot be made: $(reason)."
}

make_volume() {
    found_or_made "the schema $catalog.evbilling" "/api/2.1/unity-catalog/schemas/$catalog.evbilling" /api/2.1/unity-catalog/schemas '{name: "evbilling", catalog_name: $catalog}' --arg catalog "$catalog"
    found_or_made "the volume $volume" "/api/2.1/unity-catalog/volumes/$catalog.evbilling.files" /api/2.1/unity-catalog/volumes \
        '{name: "files", catalog_name: $catalog, schema_name: "evbilling", volume_type: "MANAGED"}' --arg catalog "$catalog"
}

# member APPLICATION-ID NAME: a service principal of the workspace.
member() {
    databricks "$2 in the workspace" get "/api/2.0/preview/scim/v2/ServicePrincipals?filter=applicationId%20eq%20%22$1%22" || fail "the workspace's principals cannot be listed: $(reason)."
    [[ -z $(value '.Resources[0].id') ]] || return 0
    body '{schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"], applicationId: $id, displayName: $name, active: true}' --arg id "$1" --arg name "$2"
    databricks "$2 in the workspace" post /api/2.0/preview/scim/v2/ServicePrincipals body || fail "$2 cannot be made known to the workspace: $(reason)."
}

make_members() {
    local factory_client
    read_outputs dataFactoryName dataFactoryPrincipalId
    azure 'the factory'\''s identity' ad sp show --id "$dataFactoryPrincipalId" || fail "the identity of $dataFactoryName cannot be looked at: $(reason)."
    factory_client=$(value .appId)
    factory_client_id=${factory_client:-<dataFactoryClientId>}
    member "$factory_client_id" "$dataFactoryName"
    member "$spark_client_id" "$prefix-$environment-spark"
}

make_volume_and_members() { make_volume; make_members; }

# The job's secret: made once, and anew when it ends within a month. It goes from Entra to Databricks through a file that only this user can read.
make_secret() {
    local until=''
    databricks 'the secret scope' get /api/2.0/secrets/scopes/list || fail "the secret scopes cannot be listed: $(reason)."
    if [[ $(value 'any(.scopes[]?; .name == "evbilling")') != true ]]; then
        body '{scope: "evbilling"}'
        databricks 'the secret scope' post /api/2.0/secrets/scopes/create body || fail "the secret scope evbilling cannot be made: $(reason)."
    fi
    databricks 'the secret' get '/api/2.0/secrets/list?scope=evbilling' || fail "the secrets cannot be listed: $(reason)."
    if [[ $(value 'any(.secrets[]?; .key == "client-secret")') == true ]]; then
        azure 'the secret'\''s end' ad app credential list --id "$spark_client_id" || fail "the end of the job's secret cannot be looked at: $(reason)."
        until=$(value '[.[].endDateTime] | max | .[0:10]')
        if [[ $until > $(date -u -d '+30 days' +%Y-%m-%d) ]]; then return; fi
    fi
    azure 'the secret' ad app credential reset --id "$spark_client_id" --append --display-name "evbilling $(date -u +%Y-%m-%d)" --years 1 || fail "the Spark job gets no secret in Entra: $(reason)."
    [[ -n $dry_run ]] || jq '{scope: "evbilling", key: "client-secret", string_value: .password}' "$answer" >"$work/body.json"
    : >"$answer"
    databricks 'the secret' post /api/2.0/secrets/put body || fail "the job's secret cannot be kept in Databricks: $(reason)."
    : >"$work/body.json"
}

# upload FILE NAME: into the volume. az rest sends text alone, so the token goes to curl, by a file.
upload() {
    azure 'a token' account get-access-token --subscription "$subscription" --resource "$databricks_application" || fail "there is no token for Databricks: $(reason)."
    [[ -n $dry_run ]] || jq -r '"Authorization: Bearer " + .accessToken' "$answer" >"$work/authorization"
    : >"$answer"
    run "$2" curl --silent --show-error --fail-with-body --retry 3 --header "@$work/authorization" --upload-file "$1" "https://$databricksWorkspaceUrl/api/2.0/fs/files$volume/$2?overwrite=true" ||
        fail "$2 cannot be put into $volume: $(value .message)$(reason)."
}

upload_jar() {
    local jar=$spark_jar
    if [[ -z $jar ]]; then
        jar=$work/evbilling-spark.jar
        run 'the jar' "$root/deploy/spark/build" --output "$jar" || fail "the jar cannot be built: $(reason)."
    fi
    upload "$jar" evbilling-spark.jar
}

# The job's properties are written in the cluster, from where brokers and database are reached. There is no secret in them.
upload_properties() {
    in_cluster 'the job'\''s properties' properties || fail "the job's properties could not be written ($(last_told))."
    [[ -n $dry_run ]] || sed -n '/^---- job.properties$/,/^---- end$/{/^[a-z][A-Za-z0-9.-]*=/p}' "$work/told" >"$work/job.properties"
    [[ -n $dry_run || -s $work/job.properties ]] || fail 'the job'\''s properties came out empty: run deploy/azure/azure status, and look at the pod evbilling-properties.'
    upload "$work/job.properties" job.properties
}

# set_up NAME LIST-PATH JQ-OF-ID: the id of what has that name, in $found; empty = none.
find_by_name() {
    databricks "$1" get "$2" || fail "$1 cannot be looked for: $(reason)."
    found=$(value "$3")
}

make_job() {
    local found policy_id
    find_by_name 'the cluster policy' /api/2.0/policies/clusters/list '[.policies[]? | select(.name == "evbilling")][0].policy_id'
    policy_id=$found
    body '{name: "evbilling", definition: ($definition[0] | tojson)} + if $id == "" then {} else {policy_id: $id} end' --arg id "$policy_id" --slurpfile definition "$root/deploy/databricks/policy.json"
    databricks 'the cluster policy' post "/api/2.0/policies/clusters/$([[ -n $policy_id ]] && printf edit || printf create)" body || fail "the cluster policy evbilling cannot be made: $(reason)."
    policy_id=${policy_id:-$(value .policy_id)}
    find_by_name 'the job' '/api/2.1/jobs/list?name=evbilling-batch' '.jobs[0].job_id'
    job_id=$found
    read_outputs tenantId
    job_settings --arg jar "$volume/evbilling-spark.jar" --arg properties "$volume/job.properties" --arg client "$spark_client_id" --arg tenant "$tenantId" \
        --arg policy "$policy_id" --arg email "$alert_email" >"$work/settings.json"
    if [[ -z $job_id ]]; then
        cp -- "$work/settings.json" "$work/body.json"
        databricks 'the job' post /api/2.1/jobs/create body || fail "the job evbilling-batch cannot be made: $(reason)."
        job_id=$(value .job_id)
        job_id=${job_id:-<databricksJobId>}
    else
        body '{job_id: ($id | tonumber), new_settings: $settings[0]}' --arg id "$job_id" --slurpfile settings "$work/settings.json"
        databricks 'the job' post /api/2.1/jobs/reset body || fail "the job evbilling-batch cannot be changed: $(reason)."
    fi
    body '{access_control_list: [{service_principal_name: $factory, permission_level: "CAN_MANAGE_RUN"}]}' --arg factory "$factory_client_id"
    databricks 'the job'\''s callers' patch "/api/2.0/permissions/jobs/$job_id" body || fail "Data Factory cannot be allowed to start the job: $(reason)."
}
