# What runs on Kubernetes: the overlay for Azure, filled in a copy, and applied from within the cluster, whose API server is private.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034

# Fills in a copy of the overlay, and builds it. Nothing of the checkout is changed.
render() {
    local overlay=$work/kubernetes/overlays/azure writers readers left
    read_outputs registryLoginServer eventHubsBroker postgresHost postgresDatabase workerIdentityName workerClientId workerPrincipalId simulatorClientId \
        installerIdentityName installerClientId functionPrincipalId dataFactoryName dataFactoryPrincipalId
    writers=$workerIdentityName=$workerPrincipalId
    [[ -z $spark_principal ]] || writers+=,$spark_principal
    readers=$dataFactoryName=$dataFactoryPrincipalId
    rm -rf -- "$work/kubernetes"
    cp -r -- "$root/deploy/kubernetes" "$work/kubernetes"
    fill "$overlay/azure.env" "WORKER_CLIENT_ID=$workerClientId" "SIMULATOR_CLIENT_ID=$simulatorClientId" "SCALER_OBJECT_ID=$functionPrincipalId" "INSTALLER_CLIENT_ID=$installerClientId"
    fill "$overlay/settings.env" "KAFKA_BROKERS=$eventHubsBroker" "POSTGRES_HOST=$postgresHost" "POSTGRES_DATABASE=$postgresDatabase" "POSTGRES_USER=$workerIdentityName"
    fill "$overlay/spark.env" "SPARK_USER=${spark_principal%%=*}" "SPARK_CHECKPOINT=${volume:-}/checkpoint"
    fill "$overlay/installer.env" "INSTALLER_USER=$installerIdentityName" "WRITERS=$writers" "READERS=$readers"
    sed -i "s|^\( *newName: \).*|\1$registryLoginServer/evbilling|; s|^\( *newTag: \).*|\1\"$image_tag\"|" "$overlay/kustomization.yaml"
    run 'the manifests' kubectl kustomize "$overlay" || fail "the manifests cannot be built: $(reason)."
    cp -- "$answer" "$work/evbilling.yaml"
    left=$(grep -oE 'REPLACED|REGISTRY\.azurecr|NAMESPACE\.servicebus|SERVER\.postgres|/Volumes/CATALOG|0{8}-0000-0000-0000-0{11}[0-9]' "$work/evbilling.yaml" | sort -u | tr '\n' ' ' || :)
    [[ -z $left ]] || fail "the manifests still hold what should have been filled in: $left; overlays/azure and this script are of two versions."
}

# fill FILE NAME=VALUE...: puts values where the file has placeholders; each name must be there.
fill() {
    local file=$1 pair
    shift
    for pair in "$@"; do
        grep -q "^${pair%%=*}=" "$file" || fail "$file has no ${pair%%=*}: overlays/azure and this script are of two versions."
        awk -v name="${pair%%=*}" -v pair="$pair" 'index($0, name "=") == 1 { print pair; next } { print }' "$file" >"$file.new" && mv -- "$file.new" "$file"
    done
}

# in_cluster WHAT [WORD...]: the file in-cluster within the cluster, with the manifests beside it. Its output is in $work/told.
in_cluster() {
    local what=$1 files=(--file "$here/steps/in-cluster")
    shift
    read_outputs clusterName
    [[ $1 == look ]] || files+=(--file "$work/evbilling.yaml")
    azure "$what" aks command invoke --subscription "$subscription" --resource-group "$group" --name "$clusterName" --command "sh in-cluster $*" "${files[@]}" ||
        fail "the cluster $clusterName takes no command: $(reason)."
    [[ -z $dry_run ]] || return 0
    value .logs >"$work/told"
    # az itself ends well even where the command has failed.
    [[ $(jq -r '.exitCode // 1' "$answer") == 0 ]]
}

last_told() { grep . "$work/told" | tail -n 1 | cut -c 1-400 | sed 's/[. ]*$//'; }

make_database() { in_cluster 'roles and tables' database || fail "the database's roles and tables could not be made ($(last_told)): mend that, and run up again."; }

# Who bills: with the Spark job, no worker.
start_workloads() {
    in_cluster 'fleet and workers' workloads "$([[ $bill_by == spark ]] && printf 'without-workers' || printf 'with-workers')" ||
        fail "fleet and workers do not run ($(last_told)): deploy/azure/azure status shows the pods; mend that, and run up again."
}
