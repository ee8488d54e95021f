# The resource group and all that is declared in Bicep.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034

readonly deployment=evbilling

# Of the parameters that will be deployed; what they leave open is of the template.
parameter() {
    jq -r --arg name "$1" --slurpfile template "$work/template.json" '.parameters[$name].value // $template[0].parameters[$name].defaultValue' "$work/parameters.json"
}

# What the last deployment was given, so that a second `up` need not be told again.
given() { jq -r --arg name "$1" '.properties.parameters[$name].value // empty' "$work/deployment.json" 2>/dev/null || :; }

# An output of main.bicep. A dry run has none, and stands its name in its place.
output() {
    if [[ -n $dry_run ]]; then printf '<%s>' "$1"; return; fi
    jq -re --arg name "$1" '.properties.outputs[$name].value // empty' "$work/deployment.json" 2>/dev/null
}

# Sets a variable of each output's name, or says which one is not there.
read_outputs() {
    local name text
    if [[ -n $dry_run ]]; then
        for name in "$@"; do printf -v "$name" '<%s>' "$name"; done
        return
    fi
    while IFS=$'\t' read -r name text; do
        [[ -n $text ]] || fail "the deployment $deployment in $group has no output $name: it was made by another version; run up again."
        printf -v "$name" '%s' "$text"
    done < <(jq -r '.properties.outputs as $outputs | $ARGS.positional[] | [., $outputs[.].value // ""] | @tsv' "$work/deployment.json" --args "$@")
}

# Into $work/deployment.json; false where there is none.
look_at_deployment() {
    azure 'the deployment' deployment group show --subscription "$subscription" --resource-group "$group" --name "$deployment" || return 1
    cp -- "$answer" "$work/deployment.json"
}

need_deployment() {
    look_at_deployment || fail "there is no deployment $deployment in the resource group $group ($(reason)): run up first, or name another group by --group."
    local state
    state=$(jq -r '.properties.provisioningState // empty' "$work/deployment.json")
    [[ -n $dry_run || $state == Succeeded ]] || fail "the deployment $deployment in $group is $state: run up, which completes it."
}

# Waits until it has ended, and tells every half a minute. False: it failed.
await_deployment() {
    local state started=$SECONDS told=$SECONDS
    while :; do
        look_at_deployment || fail "the deployment cannot be looked at: $(reason)."
        [[ -z $dry_run ]] || return 0
        state=$(jq -r '.properties.provisioningState' "$work/deployment.json")
        case $state in
            Succeeded) return 0 ;;
            Failed | Canceled) return 1 ;;
        esac
        if ((SECONDS - told >= 30)); then
            told=$SECONDS
            say "    $state: $((SECONDS - started)) s so far"
        fi
        pause
    done
}

# The innermost message, which is the one that tells.
why_deployment_failed() {
    jq -r '[.properties.error // {} | .. | objects | select(has("message") and ((.details // []) | length == 0)) | "\(.code // "Error"): \(.message)"] | first // "no reason was given"' \
        "$work/deployment.json" | tr '\r\n' '  ' | sed 's/[. ]*$//' | cut -c 1-400
}

# Who administers, from the option, else from the last deployment.
find_administrators() {
    local who=${administrators:-$(given administratorObjectId)} id=''
    if [[ -z $who && -z $dry_run ]]; then
        lack "--administrators is not given: name the Entra group whose members administer cluster and database (az ad group create --display-name evbilling-administrators --mail-nickname evbilling-administrators makes one)."
        return
    fi
    who=${who:-'<administrators>'}
    azure 'the administrators' ad group show --group "$who" || { lack "there is no Entra group $who that you may see ($(reason)): give its name or object id by --administrators."; return; }
    administrator_id=$(value .id)
    administrator_name=$(value .displayName)
    if [[ -n $dry_run ]]; then administrator_id='<administratorObjectId>' administrator_name='<administratorName>'; fi
    if [[ ${caller_kind:-user} == user ]]; then
        azure 'who you are' ad signed-in-user show || { lack "Entra does not tell who you are: $(reason)."; return; }
    else
        azure 'who you are' ad sp show --id "$caller" || { lack "Entra does not tell who you are: $(reason)."; return; }
    fi
    id=$(value .id)
    azure 'the administrators' ad group member check --group "$administrator_id" --member-id "${id:-<you>}" || { lack "the members of $administrator_name cannot be looked at: $(reason)."; return; }
    [[ -n $dry_run || $(value .value) == true ]] || lack "$caller is not in the Entra group $administrator_name, which alone may enter the cluster: run az ad group member add --group $administrator_id --member-id $id, then az login again."
}

# Template and parameters as JSON, which every az takes.
compile_bicep() {
    local set
    if [[ -z ${alert_email:=$(given alertEmail)} && ${caller:-} == *@* ]]; then alert_email=$caller; fi
    [[ -n $alert_email || -n $dry_run ]] || lack '--alert-email is not given: say who is told of alerts and of the budget.'
    EVBILLING_AZURE_BUDGET_START=$(given budgetStart)
    EVBILLING_AZURE_DATABRICKS_JOB_ID=$(given databricksJobId)
    EVBILLING_AZURE_SPARK_PRINCIPAL_ID=$(given sparkPrincipalId)
    export EVBILLING_AZURE_ADMINISTRATOR_ID=${administrator_id:-00000000-0000-0000-0000-000000000000} EVBILLING_AZURE_ADMINISTRATOR_NAME=${administrator_name:-none}
    export EVBILLING_AZURE_ALERT_EMAIL=${alert_email:-none} EVBILLING_AZURE_BUDGET_START=${EVBILLING_AZURE_BUDGET_START:-$(date -u +%Y-%m-01)}
    export EVBILLING_AZURE_SPARK_PRINCIPAL_ID EVBILLING_AZURE_DATABRICKS_JOB_ID=${EVBILLING_AZURE_DATABRICKS_JOB_ID:-0}
    [[ -z $budget ]] || export EVBILLING_AZURE_MONTHLY_BUDGET=$budget
    run 'the template' "$bicep" build "$here/main.bicep" --outfile "$work/template.json" || fail "main.bicep cannot be compiled: $(reason)."
    run 'the parameters' "$bicep" build-params "$here/$environment.bicepparam" --outfile "$work/parameters.json" || fail "$environment.bicepparam cannot be compiled: $(reason)."
    [[ -z $dry_run ]] || return 0
    set_parameter location "$location"
    set_parameter namePrefix "$prefix"
    for set in "${sets[@]}"; do set_parameter "${set%%=*}" "${set#*=}"; done
}

# A number, a list or true stays what it is; all else is text.
set_parameter() {
    jq -e --arg name "$1" '.parameters | has($name)' "$work/template.json" >/dev/null || wrong "--set $1: main.bicep has no such parameter"
    jq --arg name "$1" --arg text "$2" '.parameters[$name] = {value: ($text | fromjson? // $text)}' "$work/parameters.json" >"$work/parameters.new" && mv -- "$work/parameters.new" "$work/parameters.json"
}

# A group of somebody else's is left alone, since down deletes what is in it.
make_group() {
    local vault
    if [[ -n $group_is_there ]]; then
        azure 'the resource group' group show --subscription "$subscription" --name "$group" || fail "the resource group $group cannot be looked at: $(reason)."
        if [[ $(value ".tags | .application == \"evbilling\" and .environment == \"$environment\"") != true ]]; then
            azure 'the resource group' resource list --subscription "$subscription" --resource-group "$group" || fail "the resource group $group cannot be looked at: $(reason)."
            [[ -n $dry_run || $(value length) == 0 ]] || fail "the resource group $group holds what up has not made for $environment (its tags say so): give another name by --group."
            group_is_there=''
        fi
    fi
    if [[ -z $group_is_there ]]; then
        azure 'the resource group' group create --subscription "$subscription" --name "$group" --location "$location" --tags application=evbilling "environment=$environment" ||
            fail "the resource group $group cannot be made: $(reason)."
    fi
    # A vault that went with an earlier group of that name keeps its name for 90 days; it is brought back, and deployed over.
    azure 'deleted vaults' keyvault list-deleted --subscription "$subscription" --resource-type vault || fail "deleted vaults cannot be listed: $(reason)."
    vault=$(value "[.[] | select(.properties.vaultId | ascii_downcase | contains(\"/resourcegroups/$(tr '[:upper:]' '[:lower:]' <<<"$group")/\"))][0].name")
    [[ -n $vault ]] || return 0
    azure 'the vault' keyvault recover --subscription "$subscription" --resource-group "$group" --name "$vault" --location "$location" || fail "the deleted vault $vault cannot be brought back: $(reason)."
}

show_what_if() {
    run 'what would change' az deployment group what-if --subscription "$subscription" --resource-group "$group" --name "$deployment" \
        --template-file "$work/template.json" --parameters "@$work/parameters.json" --only-show-errors || fail "what would change cannot be told: $(reason)."
    cat -- "$answer" >&2
}

deploy() {
    # Another start's, or one that was left by Ctrl-C.
    if [[ -z $dry_run && $(jq -r '.properties.provisioningState // empty' "$work/deployment.json" 2>/dev/null) == Running ]]; then
        say '    one is under way already; waiting for it'
        await_deployment || :
    fi
    stop_trigger
    azure 'the deployment' deployment group create --subscription "$subscription" --resource-group "$group" --name "$deployment" \
        --template-file "$work/template.json" --parameters "@$work/parameters.json" --no-prompt --no-wait || fail "the deployment was refused: $(reason)."
    await_deployment || fail "the deployment failed ($(why_deployment_failed)): mend that, and run up again, which goes on from what is there."
}

# The factory knows the job by its number, which there is only after the first deployment.
deploy_job_number() {
    [[ -z $dry_run && $(given databricksJobId) == "$job_id" ]] && return
    [[ -n $dry_run ]] || set_parameter databricksJobId "$job_id"
    deploy
}
