// The vault: for what has no identity of its own yet, such as a key for callers of the function. Nothing is put into it from here.
import { roleIds } from 'roles.bicep'

param name string
param location string
param tags { *: string }

@description('The Entra group that may write secrets.')
param administratorGroupId string
param subnetId string
param zoneId string
param logAnalyticsId string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: 'Disabled'
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' }
  }
}

resource writes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, administratorGroupId, roleIds.keyVaultSecretsOfficer)
  properties: {
    principalId: administratorGroupId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.keyVaultSecretsOfficer)
  }
}

module endpoint 'private-endpoint.bicep' = {
  params: {
    name: '${name}-vault'
    location: location
    tags: tags
    subnetId: subnetId
    serviceId: vault.id
    groupId: 'vault'
    zoneId: zoneId
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'log-analytics'
  properties: {
    workspaceId: logAnalyticsId
    logs: [{ categoryGroup: 'audit', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = vault.name
