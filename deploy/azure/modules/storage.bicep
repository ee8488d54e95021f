// A storage account without keys, reached by its private endpoint and by Azure's services that it names.
param name string
param location string
param tags { *: string }

@allowed(['Standard_LRS', 'Standard_ZRS'])
param sku string
param containers string[]

@description('After so many days a blob is removed; 0 = never.')
param keepDays int
param subnetId string
param zoneId string
param logAnalyticsId string

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: 'Disabled'
    supportsHttpsTrafficOnly: true
    // Event Hubs Capture is one of them; it still needs its role.
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: true, days: 7 }
    }

    resource each 'containers' = [
      for container in containers: {
        name: container
        properties: { publicAccess: 'None' }
      }
    ]
  }

  resource lifecycle 'managementPolicies' = if (keepDays > 0) {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'remove-old'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: keepDays } } }
            }
          }
        ]
      }
    }
    dependsOn: [blobs]
  }
}

module endpoint 'private-endpoint.bicep' = {
  params: {
    name: '${name}-blob'
    location: location
    tags: tags
    subnetId: subnetId
    serviceId: account.id
    groupId: 'blob'
    zoneId: zoneId
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account::blobs
  name: 'log-analytics'
  properties: {
    workspaceId: logAnalyticsId
    logs: [{ categoryGroup: 'audit', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

output name string = account.name
output id string = account.id
