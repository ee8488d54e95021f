# What there is, what runs, and what it has cost. Looks only.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034

heading() { [[ -n $dry_run ]] || printf '\n%s\n' "$1"; }
not_told() { printf '  not to be seen: %s\n' "$(reason)"; }
rows() { [[ -n $dry_run ]] || jq -r "$1" "${2:-$answer}" | sed 's/^/  /' | grep . || echo '  none'; }

status() {
    azure 'the resource group' group exists --subscription "$subscription" --name "$group" || fail "the resource group $group cannot be looked at: $(reason)."
    if [[ -z $dry_run && $(value .) != true ]]; then
        echo "There is no resource group $group: nothing runs, nothing costs."
        return
    fi
    if ! look_at_deployment; then
        echo "The resource group $group is there, but nothing was deployed into it; up does it, down removes it."
        return
    fi
    heading "Deployment"
    rows '"\(.properties.provisioningState), \(.properties.timestamp[0:19])Z"' "$work/deployment.json"
    if [[ -z $dry_run && -z $(jq -r '.properties.outputs // empty' "$work/deployment.json") ]]; then
        echo '  half done: up completes it, down removes it'
    else
        status_of_cluster
        status_of_runs
        [[ $(output databricksWorkspaceUrl) == '' ]] || status_of_job
    fi
    status_of_cost
}

status_of_cluster() {
    heading 'Cluster'
    read_outputs clusterName
    if azure 'the nodes' aks show --subscription "$subscription" --resource-group "$group" --name "$clusterName"; then
        rows '"\(.powerState.code), Kubernetes \(.kubernetesVersion)", (.agentPoolProfiles[] | "\(.name): \(.count) nodes \(.vmSize), \(.minCount // .count) to \(.maxCount // .count)")'
    else
        not_told
    fi
    [[ -n $dry_run || $(value .powerState.code) == Running ]] || return 0
    # Its own failure is told, and the rest goes on.
    if (in_cluster 'the pods' look) 2>"$work/refused"; then
        [[ -n $dry_run ]] || sed 's/^/  /' "$work/told"
    else
        sed 's/^deploy.azure: /  not to be seen: /' "$work/refused"
    fi
}

status_of_runs() {
    heading 'Daily runs of the last 7 days'
    read_outputs dataFactoryName
    if factory 'the trigger' get "/triggers/$trigger"; then rows '"trigger \(.name): \(.properties.runtimeState)"'; else not_told; fi
    jq -n --arg pipeline "$pipeline" '(now | floor) as $now | {lastUpdatedAfter: ($now - 604800 | todate), lastUpdatedBefore: ($now + 86400 | todate),
        filters: [{operand: "PipelineName", operator: "Equals", values: [$pipeline]}]}' >"$work/body.json"
    if factory 'the runs' post /queryPipelineRuns "$work/body.json"; then
        rows '.value | sort_by(.runStart) | reverse | .[0:10][] | "\(.runStart[0:19])Z  \(.status)  \((.durationInMs // 0) / 1000 | floor) s  \(.runId)"'
    else
        not_told
    fi
}

status_of_job() {
    local job
    job=$(given databricksJobId)
    [[ -n $dry_run || ${job:-0} != 0 ]] || return 0
    heading 'Runs of the Spark job'
    if (enter_workspace) 2>"$work/refused"; then
        read_outputs databricksWorkspaceUrl
        if databricks 'the runs' get "/api/2.1/jobs/runs/list?job_id=${job:-<databricksJobId>}&limit=5"; then
            rows '.runs[]? | "\(.start_time / 1000 | todate)  \(.state.result_state // .state.life_cycle_state)  \((.run_duration // 0) / 1000 | floor) s  run \(.run_id)"'
        else
            not_told
        fi
    else
        sed 's/^deploy.azure: /  not to be seen: /' "$work/refused"
    fi
}

status_of_cost() {
    heading 'Cost of this month so far, by service'
    jq -n '{type: "ActualCost", timeframe: "MonthToDate", dataset: {granularity: "None", aggregation: {cost: {name: "Cost", function: "Sum"}}, grouping: [{type: "Dimension", name: "ServiceName"}]}}' >"$work/body.json"
    if arm 'the cost' post "/subscriptions/$subscription/resourceGroups/$group/providers/Microsoft.CostManagement/query?api-version=2023-11-01" "$work/body.json"; then
        rows '.properties.rows | sort_by(-.[0]) | .[] | "\(.[0] * 100 | round / 100) \(.[2])  \(.[1])"'
    else
        not_told
    fi
}
