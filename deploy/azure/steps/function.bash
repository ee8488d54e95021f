# The function that scales the fleet.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034

# What stands for the function in Entra, so that Data Factory can get a token for it. Nobody signs in to it, and it has no secret.
register_function() {
    local app
    read_outputs functionAudience functionAppName
    azure 'the registration' ad app list --identifier-uri "$functionAudience" || fail "registrations in Entra cannot be listed: $(reason)."
    app=$(value '.[0].appId')
    if [[ -z $app ]]; then
        azure 'the registration' ad app create --display-name "$functionAppName-scale" --identifier-uris "$functionAudience" --sign-in-audience AzureADMyOrg ||
            fail "the function cannot be registered in Entra as $functionAudience ($(reason)): ask for the role Application Developer, or let an administrator register it."
        app=$(value .appId)
    fi
    app=${app:-<functionApplicationId>}
    azure 'the registration' ad sp list --filter "appId eq '$app'" || fail "the function's registration cannot be looked at: $(reason)."
    [[ -z $(value '.[0].id') ]] || return 0
    azure 'the registration' ad sp create --id "$app" || fail "the function's registration $app gets no service principal: $(reason)."
}

deploy_function() {
    read_outputs functionAppName
    local zip=${function_zip:-$work/function.zip}
    if [[ -z $function_zip ]]; then
        run 'the function' "$root/deploy/function/pack" "$zip" || fail "the function cannot be built: $(reason)."
    fi
    azure 'the function' functionapp deployment source config-zip --subscription "$subscription" --resource-group "$group" --name "$functionAppName" --src "$zip" ||
        fail "the function cannot be deployed to $functionAppName: $(reason)."
}
