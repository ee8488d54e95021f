metadata description = 'Data Factory: the pipeline charging-day, what it connects to, when it runs, and who is told when it fails. docs/data-factory.md explains it.'

@description('The factory\'s name, unique in Azure.')
param name string

param location string

param tags { *: string }

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

var networkName = 'default'
var runtimeName = 'private'
var pipelineName = 'charging-day'
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
    typeProperties: {
      functionAppUrl: 'https://${functionAppHost}'
      authentication: 'MSI'
      resourceId: functionAudience
    }
  }
  dependsOn: [integrationRuntime]
}

resource databricks 'Microsoft.DataFactory/factories/linkedservices@2018-06-01' = {
  parent: factory
  name: 'databricks'
  properties: {
    type: 'AzureDatabricks'
    description: 'The workspace of the Spark job; entered with the factory\'s identity.'
    typeProperties: {
      domain: 'https://${databricksWorkspaceUrl}'
      authentication: 'MSI'
      workspaceResourceId: databricksWorkspaceResourceId
    }
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
      #disable-next-line BCP037 // The connector asks for it; the published types lack it.
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

module chargingDay 'charging-day.bicep' = {
  params: {
    factoryName: factory.name
    scalerName: scaler.name
    databricksName: databricks.name
    storeQueryName: storeQuery.name
    runtimeName: integrationRuntime.name
    databricksWorkspaceUrl: databricksWorkspaceUrl
    databricksJobId: databricksJobId
    reportsStorageAccountName: reportsStorageAccountName
    replicas: replicas
    replicasAfter: replicasAfter
    topic: topic
    deliverySeconds: deliverySeconds
  }
  dependsOn: [databaseEndpoint, reportsEndpoint, functionEndpoint]
}

// By the clock; by hand it is started as docs/data-factory.md says. It is made stopped, as Azure makes every trigger.
resource everyDay 'Microsoft.DataFactory/factories/triggers@2018-06-01' = {
  parent: factory
  name: 'every-day'
  properties: {
    type: 'ScheduleTrigger'
    description: 'Starts the pipeline once a day.'
    typeProperties: {
      recurrence: {
        frequency: 'Day'
        interval: 1
        startTime: '2026-01-01T00:00:00'
        timeZone: timeZone
        schedule: { hours: [scheduleHour], minutes: [0] }
      }
    }
    pipelines: [
      { pipelineReference: { referenceName: pipelineName, type: 'PipelineReference' }, parameters: { day: '' } }
    ]
  }
  dependsOn: [chargingDay]
}

resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: factory
  name: 'log'
  properties: {
    workspaceId: logAnalyticsId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [for category in ['PipelineRuns', 'ActivityRuns', 'TriggerRuns']: { category: category, enabled: true }]
  }
}

// Azure tells, not the pipeline: so it is told too when the pipeline's own end fails, or a run is cancelled and nothing of it is done any more.
var alerts = [
  {
    name: 'charging-day-failed'
    severity: 1
    metric: 'PipelineFailedRuns'
    of: pipelineName
    text: 'A charging day failed; its report and the run\'s error say why.'
  }
  {
    name: 'charging-day-cancelled'
    severity: 1
    metric: 'PipelineCancelledRuns'
    of: pipelineName
    text: 'A charging day was cancelled: the fleet and the Spark job may still run.'
  }
  {
    name: 'charging-day-too-long'
    severity: 2
    metric: 'PipelineElapsedTimeRuns'
    of: pipelineName
    text: 'A charging day takes longer than six hours.'
  }
  {
    name: 'fleet-left-up'
    severity: 0
    metric: 'ActivityFailedRuns'
    of: 'Scale down'
    text: 'The fleet could not be scaled down and costs money.'
  }
]

resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in alerts: {
    name: '${name}-${alert.name}'
    location: 'global'
    tags: tags
    properties: {
      description: alert.text
      severity: alert.severity
      enabled: true
      scopes: [factory.id]
      evaluationFrequency: 'PT1M'
      windowSize: 'PT5M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'runs'
            metricNamespace: 'Microsoft.DataFactory/factories'
            metricName: alert.metric
            dimensions: [{ name: 'Name', operator: 'Include', values: [alert.of] }]
            operator: 'GreaterThan'
            threshold: 0
            timeAggregation: 'Total'
          }
        ]
      }
      actions: [{ actionGroupId: alertActionGroupId }]
    }
  }
]

output name string = factory.name
output principalId string = factory.identity.principalId
