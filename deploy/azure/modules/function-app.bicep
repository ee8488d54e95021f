// The function that scales the fleet: a custom handler on Linux. Its way to the cluster's private API server leads through the virtual network.
import { roleIds } from 'roles.bicep'

param name string
param location string
param tags { *: string }

@description('A plan on which an app may always be on and join a network; the timer and the custom handler need no more.')
param planSku string

@description('The host\'s own: locks, and when the timer last fired.')
param storageName string
param subnetId string

@description('Addresses (CIDR) from which code may be deployed; none = all, by Entra ID.')
param deployerAddresses string[]
param logAnalyticsId string

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'linux'
  sku: { name: planSku, capacity: 1 }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: { type: 'SystemAssigned' }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: subnetId
    siteConfig: {
      alwaysOn: true
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      remoteDebuggingEnabled: false
      // Data Factory comes by a private endpoint, which these rules do not hold back; nobody else is let in, with a token or without.
      ipSecurityRestrictionsDefaultAction: 'Deny'
      ipSecurityRestrictions: []
      scmIpSecurityRestrictionsUseMain: false
      scmIpSecurityRestrictionsDefaultAction: empty(deployerAddresses) ? 'Allow' : 'Deny'
      scmIpSecurityRestrictions: [
        for (address, i) in deployerAddresses: {
          name: 'deployer-${i}'
          priority: 100 + i
          action: 'Allow'
          ipAddress: address
        }
      ]
    }
  }

  // Deployed by Entra ID, not by the site's password.
  resource noFtp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource noPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

// What the Functions host asks for where it is given an identity instead of a key.
resource keeps 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage
  name: guid(storage.id, app.id, roleIds.storageBlobDataOwner)
  properties: {
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDataOwner)
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'log-analytics'
  properties: {
    workspaceId: logAnalyticsId
    logs: [{ category: 'FunctionAppLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = app.name
output id string = app.id
output host string = app.properties.defaultHostName
output principalId string = app.identity.principalId
