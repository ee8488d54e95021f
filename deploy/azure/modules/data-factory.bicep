metadata description = 'Data Factory: the pipeline charging-day, what it connects to, when it runs, and who is told when it fails. docs/data-factory.md explains it.'

@description('The factory\'s name, unique in Azure.')
param name string

param location string

param tags object

@description('Host name of the Function App that scales the fleet.')
param functionAppHost string

@description('The Function App, to reach it by a private endpoint; empty = by its public address.')
param functionAppId string = ''

@description('Application id URI that tokens for the Function are for.')
param functionAudience string

@description('Host name of the Databricks workspace.')
param databricksWorkspaceUrl string

param databricksWorkspaceResourceId string

@description('The Spark job; 0 = there is none, and the workers bill.')
param databricksJobId int

param postgresServerId string

param postgresHost string

param postgresDatabase string

@description('The name of the factory\'s identity as a user of the database; a member of evbilling_reader.')
param postgresUser string

param reportsStorageAccountName string

param logAnalyticsId string

@description('Who is told when a run fails.')
param alertActionGroupId string

@description('Hour of the day at which the pipeline starts.')
@minValue(0)
@maxValue(23)
param scheduleHour int

@description('Windows name of the time zone of scheduleHour, such as W. Europe Standard Time.')
param timeZone string

@description('Pods of the fleet while the pipeline runs.')
@minValue(1)
param replicas int

@description('Pods of the fleet when it has ended.')
@minValue(0)
param replicasAfter int = 0

@description('The topic whose events are billed.')
param topic string = 'charging-events'

@description('How long the fleet is left to deliver what it held back.')
@minValue(1)
param deliverySeconds int = 900

@description('Start the pipeline by the clock. A trigger that runs is stopped before it is changed.')
param scheduled bool = true

var networkName = 'default'
var runtimeName = 'private'
var pipelineName = 'charging-day'
var always = ['Completed', 'Skipped']
var runtime = { referenceName: runtimeName, type: 'IntegrationRuntimeReference' }

resource factory 'Microsoft.DataFactory/factories@2018-06-01' = {
  name: name
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: { publicNetworkAccess: 'Enabled' }
}

resource network 'Microsoft.DataFactory/factories/managedVirtualNetworks@2018-06-01' = {
  parent: factory
  name: networkName
  properties: {}
}

resource integrationRuntime 'Microsoft.DataFactory/factories/integrationRuntimes@2018-06-01' = {
  parent: factory
  name: runtimeName
  properties: {
    type: 'Managed'
    description: 'Within a network of the factory\'s own; reaches the database and the reports by private endpoints.'
    managedVirtualNetwork: { referenceName: networkName, type: 'ManagedVirtualNetworkReference' }
    typeProperties: { computeProperties: { location: location } }
  }
  dependsOn: [network]
}

resource reports 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: reportsStorageAccountName
}

resource databaseEndpoint 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints@2018-06-01' = {
  parent: network
  name: 'database'
  properties: { privateLinkResourceId: postgresServerId, groupId: 'postgresqlServer', fqdns: [postgresHost] }
}

resource reportsEndpoint 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints@2018-06-01' = {
  parent: network
  name: 'reports'
  properties: { privateLinkResourceId: reports.id, groupId: 'blob' }
}

resource functionEndpoint 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints@2018-06-01' = if (!empty(functionAppId)) {
  parent: network
  name: 'function'
  properties: { privateLinkResourceId: functionAppId, groupId: 'sites', fqdns: [functionAppHost] }
}

resource scaler 'Microsoft.DataFactory/factories/linkedservices@2018-06-01' = {
  parent: factory
  name: 'scaler'
  properties: {
    type: 'AzureFunction'
    description: 'The Function that scales the fleet; called with a token of the factory\'s identity.'
    connectVia: runtime
    typeProperties: { functionAppUrl: 'https://${functionAppHost}', authentication: 'MSI', resourceId: functionAudience }
  }
  dependsOn: [integrationRuntime]
}

resource databricks 'Microsoft.DataFactory/factories/linkedservices@2018-06-01' = {
  parent: factory
  name: 'databricks'
  properties: {
    type: 'AzureDatabricks'
    description: 'The workspace of the Spark job; entered with the factory\'s identity.'
    typeProperties: { domain: 'https://${databricksWorkspaceUrl}', authentication: 'MSI', workspaceResourceId: databricksWorkspaceResourceId }
  }
}

resource store 'Microsoft.DataFactory/factories/linkedservices@2018-06-01' = {
  parent: factory
  name: 'store'
  properties: {
    type: 'AzurePostgreSql'
    version: '2.0'
    description: 'The bill store; entered with the factory\'s identity, to read.'
    connectVia: runtime
    typeProperties: {
      server: postgresHost
      port: 5432
      database: postgresDatabase
      username: postgresUser
      sslMode: 5
      authenticationType: 'SystemAssignedManagedIdentity'
    }
  }
  dependsOn: [integrationRuntime]
}

resource storeQuery 'Microsoft.DataFactory/factories/datasets@2018-06-01' = {
  parent: factory
  name: 'store_query'
  properties: {
    type: 'AzurePostgreSqlTable'
    description: 'What a query of the bill store gives.'
    linkedServiceName: { referenceName: store.name, type: 'LinkedServiceReference' }
    typeProperties: {}
  }
}

resource chargingDay 'Microsoft.DataFactory/factories/pipelines@2018-06-01' = {
  parent: factory
  name: pipelineName
  properties: {
    concurrency: 1
    activities: [
      {
        name: 'Scale up'
        type: 'AzureFunctionActivity'
        linkedServiceName: { referenceName: scaler.name, type: 'LinkedServiceReference' }
        policy: { timeout: '0.00:10:00', retry: 2, retryIntervalInSeconds: 30 }
        typeProperties: { method: 'POST', functionName: 'scale', body: { replicas: replicas } }
      }
    ]
  }
}

output name string = factory.name
output principalId string = factory.identity.principalId
