# What must be there before anything is made. Each thing that is missing is one sentence with the remedy; all of them are told at once, as far as they can be seen.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034

readonly az_version_min=2.45.0

# What main.bicep makes, and where it must be offered (a test compares them with it).
readonly providers=(
    Microsoft.Authorization/roleAssignments Microsoft.Consumption/budgets Microsoft.ContainerRegistry/registries Microsoft.ContainerService/managedClusters
    Microsoft.DBforPostgreSQL/flexibleServers Microsoft.DataFactory/factories Microsoft.Databricks/workspaces Microsoft.EventHub/namespaces
    Microsoft.Insights/metricAlerts Microsoft.KeyVault/vaults Microsoft.ManagedIdentity/userAssignedIdentities Microsoft.Network/virtualNetworks
    Microsoft.OperationalInsights/workspaces Microsoft.Storage/storageAccounts Microsoft.Web/sites
)

missing=()
lack() { missing+=("$*"); }

tell_what_is_missing() {
    local sentence
    ((${#missing[@]} > 0)) || return 0
    for sentence in "${missing[@]}"; do say "deploy/azure: $sentence"; done
    exit 1
}

# Never before Bash's own words: what is looked for by name.
has() { command -v "$1" >/dev/null; }

check_tools() {
    local version
    if [[ -n $dry_run ]]; then run '' az version --output json; return; fi
    has az || lack 'there is no az on the PATH: install the Azure CLI (https://learn.microsoft.com/cli/azure/install-azure-cli).'
    has jq || lack 'there is no jq on the PATH: install it (Debian: apt-get install jq).'
    tell_what_is_missing
    azure 'the version of az' version || fail "az does not start: $(reason)."
    version=$(value '."azure-cli"')
    [[ $(printf '%s\n' "$az_version_min" "$version" | sort -V | head -n 1) == "$az_version_min" ]] || lack "az is of version $version; $az_version_min or newer is needed: run az upgrade."
}

check_tools_for_up() {
    if [[ -n $dry_run ]]; then find_bicep; return; fi
    has kubectl || lack 'there is no kubectl on the PATH, which fills in the manifests: run az aks install-cli.'
    [[ -n $function_zip && (-n $spark_jar || $bill_by != spark) ]] || has dotnet || lack 'there is no dotnet on the PATH, which builds the function and the jar: install the .NET SDK 10.0, or give --function FILE and --jar FILE.'
    has curl || [[ $bill_by != spark ]] || lack 'there is no curl on the PATH, which uploads the jar: install it (Debian: apt-get install curl).'
    if ! find_bicep; then lack 'there is no bicep, which compiles deploy/azure/main.bicep: run az bicep install.'; fi
}

# On the PATH, or where `az bicep install` puts it.
find_bicep() {
    if [[ -n $dry_run ]]; then bicep=bicep; return; fi
    bicep=$(command -v bicep || :)
    [[ -n $bicep ]] || bicep=${AZURE_CONFIG_DIR:-$HOME/.azure}/bin/bicep
    [[ -x $bicep ]]
}

check_login() {
    azure 'the login' account show ${subscription:+--subscription "$subscription"} || fail "az is not logged in${subscription:+ to the subscription $subscription} ($(reason)): run az login, then this again."
    if [[ -n $dry_run ]]; then subscription=${subscription:-'<subscription>'}; return; fi
    subscription=$(value .id)
    caller=$(value .user.name)
    caller_kind=$(value .user.type)
    [[ $(value .state) == Enabled ]] || fail "the subscription $(value .name) is $(value .state | tr '[:upper:]' '[:lower:]'): enable it, or name another by --subscription."
}

check_region_and_providers() {
    local region sentence
    azure 'the regions' account list-locations || fail "the regions cannot be listed: $(reason)."
    region=$(value ".[] | select(.name == \"$location\") | .displayName")
    [[ -n $region || -n $dry_run ]] || { lack "there is no region $location: az account list-locations --query '[].name' lists those that there are; give one by --location."; return; }
    azure 'the providers' provider list --subscription "$subscription" \
        --query '[].{namespace: namespace, state: registrationState, types: resourceTypes[].{type: resourceType, locations: locations}}' || fail "the resource providers cannot be listed: $(reason)."
    [[ -z $dry_run ]] || return 0
    # An empty list of regions, or Global, is everywhere.
    while read -r sentence; do lack "$sentence"; done < <(jq -r --arg region "$region" --arg location "$location" '
        (map({key: .namespace, value: .}) | from_entries) as $all | $ARGS.positional[] | . as $wanted | split("/") as [$namespace, $type]
        | if $all[$namespace].state != "Registered" then
              "the resource provider \($namespace) is not registered in the subscription: run az provider register --namespace \($namespace) --wait."
          elif any($all[$namespace].types[]; .type == $type and (.locations == [] or any(.locations[]; . == $region or ascii_downcase == "global"))) then empty
          else "the region \($location) does not offer \($wanted): give another by --location (az provider show --namespace \($namespace) lists those that do)."
          end' --args "${providers[@]}" <"$answer")
}

# check_cores SIZE NODES-AT-MOST FOR: what the nodes may grow to must fit into the quota, or scaling stops under load.
check_cores() {
    local size=$1 nodes=$2 for=$3 family cores needed free
    family=$(value ".value[] | select(.name == \"$size\") | .family")
    cores=$(value ".value[] | select(.name == \"$size\") | .capabilities[] | select(.name == \"vCPUs\") | .value")
    if [[ -z $family || $(value "any(.value[] | select(.name == \"$size\") | .restrictions[]?; .type == \"Location\")") == true ]]; then
        lack "the region $location does not offer machines $size to this subscription, which $for needs: give another region by --location, or another size by --set."
        return
    fi
    needed=$((nodes * cores))
    free=$(jq -r "[.value[] | select(.name.value == \"$family\" or .name.value == \"cores\") | .limit - .currentValue] | min | floor" "$work/usage.json")
    ((needed <= free)) || lack "the quota leaves $free cores of $family in $location, and $for may need $needed: ask for more (portal: Quotas, Compute), or take fewer or smaller nodes by --set."
}

# By az rest: the commands of az vm need parts that Debian's azure-cli has not.
check_quota() {
    local compute=/subscriptions/$subscription/providers/Microsoft.Compute
    arm 'the quota of cores' get "$compute/locations/$location/usages?api-version=2024-07-01" || fail "the quota of cores cannot be read: $(reason)."
    cp -- "$answer" "$work/usage.json"
    arm 'the sizes of machines' get "$compute/skus?api-version=2021-07-01&%24filter=location%20eq%20%27$location%27" || fail "the sizes of machines cannot be listed: $(reason)."
    [[ -z $dry_run ]] || return 0
    check_cores "$(parameter nodeSize)" "$(($(parameter systemNodesMax) + $(parameter workNodesMax)))" 'the cluster'
    [[ $bill_by != spark ]] || check_cores "$(job_setting '.job_clusters[0].new_cluster.node_type_id')" "$(job_setting '1 + .job_clusters[0].new_cluster.autoscale.max_workers')" 'the Spark job'
}

# What the caller may do, as Azure itself works it out: patterns with *, of which the second list takes away from the first.
check_rights() {
    local scope=/subscriptions/$subscription right
    azure 'the resource group' group exists --subscription "$subscription" --name "$group" || fail "the resource group $group cannot be looked at: $(reason)."
    # A dry run shows what is asked of a group that is there, and how one is made.
    if [[ -n $dry_run ]]; then group_is_there=yes; fi
    if [[ $(value .) == true ]]; then group_is_there=yes scope+=/resourceGroups/$group; fi
    arm 'the rights' get "$scope/providers/Microsoft.Authorization/permissions?api-version=2022-04-01" || fail "your rights cannot be read: $(reason)."
    [[ -z $dry_run ]] || return 0
    for right in Microsoft.Resources/deployments/write Microsoft.Authorization/roleAssignments/write; do
        [[ $(value "def matches: \"^\" + (ascii_downcase | gsub(\"\\\\.\"; \"\\\\.\") | gsub(\"\\\\*\"; \".*\")) + \"$\";
            \"$right\" as \$right | any(.value[]; any(.actions[]; . as \$p | \$right | ascii_downcase | test(\$p | matches))
            and (any(.notActions[]?; . as \$p | \$right | ascii_downcase | test(\$p | matches)) | not))") == true ]] ||
            lack "$caller may not do $right on ${scope#/subscriptions/}: ask an owner for the role Owner there (or Contributor and Role Based Access Control Administrator)."
    done
}
