# Removes all that up has made.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034

confirm_down() {
    local reply=''
    azure 'the resource group' group exists --subscription "$subscription" --name "$group" || fail "the resource group $group cannot be looked at: $(reason)."
    if [[ -z $dry_run ]]; then
        if [[ $(value .) != true ]]; then group_is_there=''; return; fi
        azure 'the resource group' group show --subscription "$subscription" --name "$group" || fail "the resource group $group cannot be looked at: $(reason)."
        [[ $(value .tags.application) == evbilling && $(value .tags.environment) == "$environment" ]] ||
            fail "the resource group $group is none that up has made for $environment (its tags say so): name the right one by --group and --environment, or delete it by hand."
    else
        azure 'the resource group' group show --subscription "$subscription" --name "$group"
    fi
    group_is_there=yes
    [[ -z $yes && -z $dry_run ]] || return 0
    say "This deletes the resource group $group with everything in it: database and back-ups, events, image. It cannot be undone."
    read -rp "Type the group's name to go on: " reply </dev/tty || :
    [[ $reply == "$group" ]] || fail 'nothing was deleted, since the name was not typed.'
}

# Nothing is to start while it goes.
stop_before_down() {
    look_at_deployment || return 0
    stop_trigger
}

delete_group() {
    azure 'the resource group' group delete --subscription "$subscription" --name "$group" --yes ||
        fail "the resource group $group cannot be deleted ($(reason)): remove what holds it (az lock list --resource-group $group), and run down again."
}

# The registrations in Entra lie outside the group.
delete_registrations() {
    local app name
    for name in "$prefix-$environment-spark" "$(output functionAppName || :)-scale"; do
        [[ $name != -scale ]] || continue
        azure 'the registrations' ad app list --display-name "$name" || fail "registrations in Entra cannot be listed: $(reason)."
        if [[ -n $dry_run ]]; then app='<applicationId>'; else app=$(value "[.[] | select(.displayName == \"$name\")][0].appId"); fi
        [[ -z $app ]] || azure 'the registrations' ad app delete --id "$app" || fail "the registration $name cannot be deleted: $(reason)."
    done
}

# A deleted vault stays, and holds its name. One without purge protection can be purged now.
purge_vaults() {
    local vault kept of_group
    azure 'deleted vaults' keyvault list-deleted --subscription "$subscription" --resource-type vault || fail "deleted vaults cannot be listed: $(reason)."
    of_group="[.[] | select(.properties.vaultId | ascii_downcase | contains(\"/resourcegroups/$(tr '[:upper:]' '[:lower:]' <<<"$group")/\"))]"
    kept=$(value "$of_group | .[] | select(.properties.purgeProtectionEnabled) | \"    the vault \(.name) is kept until \(.properties.scheduledPurgeDate[0:10]); it is empty, costs nothing, and another up brings it back\"")
    if [[ -n $dry_run ]]; then vault='<vault>'; else vault=$(value "$of_group | .[] | select(.properties.purgeProtectionEnabled | not) | .name"); fi
    [[ -z $kept ]] || say "$kept"
    for vault in $vault; do
        azure 'the vault' keyvault purge --subscription "$subscription" --name "$vault" --location "$location" || fail "the deleted vault $vault cannot be purged: $(reason)."
    done
}
