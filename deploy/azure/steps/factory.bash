# Data Factory: its private endpoints, its trigger, and a run by hand.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034

readonly factory_version=2018-06-01
readonly pipeline=charging-day
readonly trigger=every-day

# factory WHAT METHOD PATH [BODY-FILE]: a call of Azure Resource Manager below the factory.
factory() {
    arm "$1" "$2" "/subscriptions/$subscription/resourceGroups/$group/providers/Microsoft.DataFactory/factories/$dataFactoryName$3?api-version=$factory_version" "${4:-}"
}

# Azure changes no trigger that is started.
stop_trigger() {
    dataFactoryName=$(output dataFactoryName) || return 0
    factory 'the trigger' get "/triggers/$trigger" || return 0
    [[ -n $dry_run || $(value .properties.runtimeState) == Started ]] || return 0
    factory 'the trigger' post "/triggers/$trigger/stop" || fail "the trigger $trigger of $dataFactoryName cannot be stopped: $(reason)."
}

start_trigger() {
    read_outputs dataFactoryName
    factory 'the trigger' post "/triggers/$trigger/start" || fail "the trigger $trigger of $dataFactoryName cannot be started: $(reason)."
}

version_of() {
    case ${1,,} in
        */microsoft.dbforpostgresql/*) printf 2024-08-01 ;;
        */microsoft.storage/*) printf 2024-01-01 ;;
        *) printf 2024-04-01 ;;
    esac
}

# The factory's private endpoints wait at their targets until an owner lets them in: this one's, and no other's.
approve_endpoints() {
    local tries target connection waiting
    read_outputs dataFactoryName
    for ((tries = 0; tries < 60; tries++)); do
        factory 'the private endpoints' get /managedVirtualNetworks/default/managedPrivateEndpoints || fail "the private endpoints of $dataFactoryName cannot be listed: $(reason)."
        if [[ -n $dry_run ]]; then waiting='<target>'; else waiting=$(value '.value[] | select(.properties.connectionState.status != "Approved") | .properties.privateLinkResourceId'); fi
        [[ -n $waiting ]] || return 0
        for target in $waiting; do
            arm 'a private endpoint' get "$target/privateEndpointConnections?api-version=$(version_of "$target")" || fail "the private endpoints of $target cannot be listed: $(reason)."
            if [[ -n $dry_run ]]; then connection='<connection>'; else connection=$(value "(.value // .)[] | select(.properties.privateLinkServiceConnectionState.status == \"Pending\"
                and (.properties.privateEndpoint.id // \"\" | split(\"/\") | last | startswith(\"$dataFactoryName.\"))) | .id" | head -n 1); fi
            [[ -n $connection ]] || continue
            jq -n '{properties: {privateLinkServiceConnectionState: {status: "Approved", description: "deploy/azure/azure up"}}}' >"$work/body.json"
            arm 'a private endpoint' put "$connection?api-version=$(version_of "$target")" "$work/body.json" || fail "the private endpoint of $dataFactoryName cannot be let in to $target: $(reason)."
        done
        [[ -z $dry_run ]] || return 0
        pause
    done
    fail "private endpoints of $dataFactoryName still wait at $(tr '\n' ' ' <<<"$waiting" | sed 's/ $//'): run up again in a few minutes."
}

# The pipeline's run that is under way; empty = none.
find_run() {
    jq -n --arg pipeline "$pipeline" '(now | floor) as $now | {lastUpdatedAfter: ($now - 172800 | todate), lastUpdatedBefore: ($now + 86400 | todate), filters: [
        {operand: "PipelineName", operator: "Equals", values: [$pipeline]}, {operand: "Status", operator: "In", values: ["InProgress", "Queued"]}]}' >"$work/body.json"
    factory 'earlier runs' post /queryPipelineRuns "$work/body.json" || fail "the runs of $pipeline cannot be listed: $(reason)."
    run_id=$(value '.value[0].runId')
}

rehearse() {
    local status='' started=$SECONDS told=$SECONDS
    read_outputs dataFactoryName
    find_run
    if [[ -n $run_id ]]; then
        say "    a run of $pipeline is under way already ($run_id); waiting for it"
    else
        # Five minutes of charging are enough to see all of it.
        jq -n '{deliverySeconds: 300}' >"$work/body.json"
        factory "$pipeline" post "/pipelines/$pipeline/createRun" "$work/body.json" || fail "the pipeline $pipeline cannot be started: $(reason)."
        run_id=$(value .runId)
        run_id=${run_id:-<runId>}
        say "    run $run_id; Ctrl-C leaves it running, so that it scales down by itself"
    fi
    while :; do
        factory "$pipeline" get "/pipelineruns/$run_id" || fail "the run $run_id cannot be looked at: $(reason)."
        status=$(value .status)
        [[ -z $dry_run && ($status == InProgress || $status == Queued || $status == Canceling) ]] || break
        if ((SECONDS - told >= 30)); then
            told=$SECONDS
            say "    $status: $((SECONDS - started)) s so far"
        fi
        pause
    done
    cp -- "$answer" "$work/run.json"
    jq -n '(now | floor) as $now | {lastUpdatedAfter: ($now - 172800 | todate), lastUpdatedBefore: ($now + 86400 | todate)}' >"$work/body.json"
    factory 'its activities' post "/pipelineruns/$run_id/queryActivityruns" "$work/body.json" || fail "the activities of the run $run_id cannot be listed: $(reason)."
    [[ -z $dry_run ]] || return 0
    jq -r '.value | sort_by(.activityRunStart)[] | [.status, "\((.durationInMs // 0) / 1000 | floor) s", .activityName, (.error.message // "" | gsub("[\r\n\t]+"; " ") | .[0:160])] | join("  ")' "$answer" || :
    [[ $status == Succeeded ]] || fail "the run $run_id of $pipeline is $status: $(jq -r '[.value[] | select(.status == "Failed") | "\(.activityName): \(.error.message // "no reason" | gsub("[\r\n\t]+"; " ") | .[0:300])"][0] // empty' "$answer" |
        sed 's/[. ]*$//')$(jq -r 'if (.message // "") == "" then "" else " (\(.message[0:200]))" end' "$work/run.json"); its report (container reports) and docs/data-factory.md tell more."
}
