// Event Hubs as the Kafka broker. Keys are switched off: Entra ID alone, and each identity for its own event hubs.
import { roleIds } from 'roles.bicep'

param name string
param location string
param tags { *: string }

@allowed(['Standard', 'Premium'])
param sku string

@description('Throughput units (Standard) or processing units (Premium) at the start.')
param capacity int

@description('Standard: how far throughput units go up by themselves.')
param capacityMax int

@description('Of charging-events: as many workers as this work at once.')
param partitions int
param retentionHours int

@description('Consumer groups of Event Hubs\' own protocol on charging-events; those of Kafka come by themselves.')
param consumerGroups string[]

@description('Empty = events are not kept as files; else the storage account, which has a container charging-events.')
param captureStorageName string
param workerIdentityName string
param simulatorIdentityName string

@description('Empty = no Spark job reads.')
param sparkPrincipalId string
param subnetId string
param zoneId string
param logAnalyticsId string

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: workerIdentityName
}

resource simulator 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: simulatorIdentityName
}

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku, tier: sku, capacity: capacity }
  identity: { type: 'SystemAssigned' }
  properties: {
    disableLocalAuth: true
    kafkaEnabled: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: 'Disabled'
    isAutoInflateEnabled: sku == 'Standard' && capacityMax > capacity
    maximumThroughputUnits: sku == 'Standard' && capacityMax > capacity ? capacityMax : 0
  }
}

resource captureStorage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = if (!empty(captureStorageName)) {
  name: captureStorageName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource container 'containers' existing = {
      name: 'charging-events'
    }
  }
}

resource captures 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(captureStorageName)) {
  scope: captureStorage::blobs::container
  name: guid(captureStorage::blobs::container.id, namespace.id, roleIds.storageBlobDataContributor)
  properties: {
    principalId: namespace.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roleIds.storageBlobDataContributor
    )
  }
}

resource chargingEvents 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: 'charging-events'
  properties: {
    partitionCount: partitions
    retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: retentionHours }
    captureDescription: empty(captureStorageName)
      ? null
      : {
          enabled: true
          encoding: 'Avro'
          intervalInSeconds: 300
          sizeLimitInBytes: 314572800
          skipEmptyArchives: true
          destination: {
            name: 'EventHubArchive.AzureBlockBlob'
            identity: { type: 'SystemAssigned' }
            properties: {
              storageAccountResourceId: captureStorage.id
              blobContainer: 'charging-events'
              archiveNameFormat: '{Namespace}/{EventHub}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}-{PartitionId}'
            }
          }
        }
  }
  dependsOn: [captures]

  resource groups 'consumergroups' = [
    for group in consumerGroups: {
      name: group
    }
  ]
}

resource deadLetter 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: 'charging-events-dead-letter'
  properties: {
    partitionCount: 1
    retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: retentionHours }
  }
}

// The simulator's shards find here how far they were; the newest record of a key stays.
resource progress 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: 'simulator-progress'
  properties: {
    partitionCount: 1
    retentionDescription: { cleanupPolicy: 'Compact', tombstoneRetentionTimeInHours: 24 }
  }
}

resource cdrs 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: 'cdrs'
  properties: {
    partitionCount: partitions
    retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: retentionHours }
  }
}

resource workerReceives 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: chargingEvents
  name: guid(chargingEvents.id, worker.id, roleIds.eventHubsDataReceiver)
  properties: {
    principalId: worker.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.eventHubsDataReceiver)
  }
}

resource sparkReceives 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(sparkPrincipalId)) {
  scope: chargingEvents
  name: guid(chargingEvents.id, sparkPrincipalId, roleIds.eventHubsDataReceiver)
  properties: {
    principalId: sparkPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.eventHubsDataReceiver)
  }
}

resource simulatorSends 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: chargingEvents
  name: guid(chargingEvents.id, simulator.id, roleIds.eventHubsDataSender)
  properties: {
    principalId: simulator.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.eventHubsDataSender)
  }
}

resource simulatorNotes 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roleIds.eventHubsDataSender, roleIds.eventHubsDataReceiver]: {
    scope: progress
    name: guid(progress.id, simulator.id, role)
    properties: {
      principalId: simulator.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

module endpoint 'private-endpoint.bicep' = {
  params: {
    name: '${name}-event-hubs'
    location: location
    tags: tags
    subnetId: subnetId
    serviceId: namespace.id
    groupId: 'namespace'
    zoneId: zoneId
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: namespace
  name: 'log-analytics'
  properties: {
    workspaceId: logAnalyticsId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = namespace.name
output id string = namespace.id
output broker string = '${namespace.name}.servicebus.windows.net:9093'
