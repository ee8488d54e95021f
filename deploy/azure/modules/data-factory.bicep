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
// Azure Databricks, in every tenant.
var databricksApplication = '2ff814a6-3304-4ab8-85cd-cd0e6f879c1d'
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

// Executed again it does no harm.
var quick = { timeout: '0.00:10:00', retry: 2, retryIntervalInSeconds: 30 }
var reads = { timeout: '0.00:30:00', retry: 2, retryIntervalInSeconds: 60 }
var json = { 'Content-Type': 'application/json' }

// That all is billed which was in the log at a time: a worker has confirmed each partition since, and nothing waits. Where the job bills, its end says so, and no end of the log is known.
var progressQuery = '''
SELECT CASE WHEN p.source IS NULL OR p.lag > 0 OR '@{variables('since')}'::timestamptz > '-infinity'
    AND (p.ends_unknown > 0 OR p.confirmed_at IS NULL OR p.confirmed_at < '@{variables('since')}'::timestamptz) THEN 'waiting' ELSE 'billed' END AS state
FROM (SELECT 1) AS one LEFT JOIN evbilling.progress_by_source AS p ON p.source = '{0}'
'''

// Amounts as texts, so that no reader takes them through binary fractions.
var reconcileQuery = '''
SELECT name, expected::text AS expected, found::text AS found, holds, count(*) FILTER (WHERE NOT holds) OVER () AS failing FROM (
    SELECT name, expected, found, holds FROM evbilling.reconciliation
    UNION ALL
    SELECT 'sums ' || currency, sum(lines_excl_vat), sum(total_excl_vat), bool_and(holds) FROM evbilling.bill_sums
    WHERE ended_at >= '@{variables('day')}'::timestamp AT TIME ZONE 'UTC' AND ended_at < ('@{variables('day')}'::timestamp + interval '1 day') AT TIME ZONE 'UTC' GROUP BY currency
) AS checks ORDER BY holds, name
'''

// No text of an error is put between quotes but by string(createArray()).
var report = '''
@concat('{"run":"', pipeline().RunId, '","started_at":"', pipeline().TriggerTime, '","ended_at":"', utcNow(), '","day":"', variables('day'), '","outcome":"', variables('outcome'),
 '","fleet":"', variables('fleet'), '","progress":"', variables('progress'), '","what_went_wrong":', string(createArray(variables('wrong'))),
 ',"checks":', string(coalesce(activity('Reconcile')?.output?.value, createArray())), '}')
'''

var whatWentWrong = '''
@trim(concat(coalesce(activity('Set the day')?.error?.message, ''), ' ', coalesce(activity('Look at the store')?.error?.message, ''), ' ', coalesce(activity('Scale up')?.error?.message, ''), ' ',
 coalesce(activity('Wait for the pods')?.error?.message, ''), ' ', coalesce(activity('Bill with Spark')?.error?.message, ''), ' ', coalesce(activity('Wait until billed')?.error?.message, ''), ' ',
 coalesce(activity('Reconcile')?.error?.message, ''), ' ', coalesce(activity('Balance')?.error?.message, ''), ' ', coalesce(activity('Scale down')?.error?.message, ''), ' ',
 coalesce(activity('Stop Spark')?.error?.message, '')))
'''

var outcome = '''
@if(and(equals(variables('error'), 'NotBilledInTime'), equals(variables('progress'), 'unreachable')), 'DatabaseUnreachable',
 if(not(equals(variables('error'), 'none')), variables('error'), if(equals(variables('fleet'), 'down'), 'Succeeded', 'ScaleDownFailed')))
'''

// The steps of a day, each if the one before has succeeded; ahead of a step stands what its failure is called. Behind them, whatever came of them, what ends a day.
resource chargingDay 'Microsoft.DataFactory/factories/pipelines@2018-06-01' = {
  parent: factory
  name: pipelineName
  properties: {
    description: 'Scales the fleet up, has the day billed, balances the books and scales the fleet down again.'
    concurrency: 1
    policy: { elapsedTimeMetric: { duration: '0.06:00:00' } }
    parameters: {
      day: { type: 'String', defaultValue: '' }
      replicas: { type: 'Int', defaultValue: replicas }
      replicasAfter: { type: 'Int', defaultValue: replicasAfter }
      deliverySeconds: { type: 'Int', defaultValue: deliverySeconds }
      databricksJobId: { type: 'Int', defaultValue: databricksJobId }
      reports: {
        type: 'String'
        defaultValue: 'https://${reportsStorageAccountName}.blob.${environment().suffixes.storage}/reports'
      }
    }
    variables: {
      day: { type: 'String', defaultValue: 'unknown' }
      error: { type: 'String', defaultValue: 'WrongDay' }
      pods: { type: 'String', defaultValue: 'waiting' }
      since: { type: 'String', defaultValue: '-infinity' }
      progress: { type: 'String', defaultValue: 'waiting' }
      fleet: { type: 'String', defaultValue: 'left up' }
      wrong: { type: 'String', defaultValue: 'What went wrong is in the run\'s activities.' }
      outcome: { type: 'String', defaultValue: 'Unknown' }
    }
    activities: [
      {
        name: 'Set the day'
        type: 'SetVariable'
        typeProperties: {
          variableName: 'day'
          value: '@formatDateTime(if(empty(pipeline().parameters.day), addDays(pipeline().TriggerTime, -1), pipeline().parameters.day), \'yyyy-MM-dd\')'
        }
      }
      {
        name: 'Else DatabaseUnreachable'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Set the day', dependencyConditions: ['Succeeded'] }]
        typeProperties: { variableName: 'error', value: 'DatabaseUnreachable' }
      }
      {
        name: 'Look at the store'
        type: 'Lookup'
        dependsOn: [{ activity: 'Else DatabaseUnreachable', dependencyConditions: ['Succeeded'] }]
        policy: quick
        typeProperties: {
          source: {
            type: 'AzurePostgreSqlSource'
            query: 'SELECT count(*) AS sources FROM evbilling.progress_by_source'
          }
          dataset: { referenceName: storeQuery.name, type: 'DatasetReference' }
          firstRowOnly: true
        }
      }
      {
        name: 'Else ScaleUpFailed'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Look at the store', dependencyConditions: ['Succeeded'] }]
        typeProperties: { variableName: 'error', value: 'ScaleUpFailed' }
      }
      {
        name: 'Scale up'
        type: 'AzureFunctionActivity'
        dependsOn: [{ activity: 'Else ScaleUpFailed', dependencyConditions: ['Succeeded'] }]
        linkedServiceName: { referenceName: scaler.name, type: 'LinkedServiceReference' }
        policy: quick
        typeProperties: {
          method: 'POST'
          functionName: 'scale'
          headers: json
          body: {
            value: '@concat(\'{"replicas":\', string(pipeline().parameters.replicas), \'}\')'
            type: 'Expression'
          }
        }
      }
      {
        name: 'Else FleetNotUp'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Scale up', dependencyConditions: ['Succeeded'] }]
        typeProperties: { variableName: 'error', value: 'FleetNotUp' }
      }
      {
        name: 'Wait for the pods'
        type: 'Until'
        dependsOn: [{ activity: 'Else FleetNotUp', dependencyConditions: ['Succeeded'] }]
        typeProperties: {
          timeout: '0.00:20:00'
          expression: { value: '@equals(variables(\'pods\'), \'there\')', type: 'Expression' }
          activities: [
            {
              name: 'Look at the pods'
              type: 'AzureFunctionActivity'
              linkedServiceName: { referenceName: scaler.name, type: 'LinkedServiceReference' }
              policy: { timeout: '0.00:10:00', retry: 0 }
              typeProperties: { method: 'GET', functionName: 'scale' }
            }
            {
              name: 'Note the pods'
              type: 'SetVariable'
              dependsOn: [{ activity: 'Look at the pods', dependencyConditions: ['Completed'] }]
              typeProperties: {
                variableName: 'pods'
                value: '@if(equals(activity(\'Look at the pods\')?.output?.current, pipeline().parameters.replicas), \'there\', \'waiting\')'
              }
            }
            {
              name: 'Give the pods time'
              type: 'Wait'
              dependsOn: [{ activity: 'Note the pods', dependencyConditions: ['Succeeded'] }]
              typeProperties: {
                waitTimeInSeconds: { value: '@if(equals(variables(\'pods\'), \'there\'), 1, 15)', type: 'Expression' }
              }
            }
          ]
        }
      }
      {
        name: 'Let the fleet deliver'
        type: 'Wait'
        dependsOn: [{ activity: 'Wait for the pods', dependencyConditions: ['Succeeded'] }]
        typeProperties: { waitTimeInSeconds: { value: '@pipeline().parameters.deliverySeconds', type: 'Expression' } }
      }
      {
        name: 'Else SparkFailed'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Let the fleet deliver', dependencyConditions: ['Succeeded'] }]
        typeProperties: { variableName: 'error', value: 'SparkFailed' }
      }
      {
        name: 'Note the time'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Else SparkFailed', dependencyConditions: ['Succeeded'] }]
        typeProperties: {
          variableName: 'since'
          value: '@if(greater(pipeline().parameters.databricksJobId, 0), \'-infinity\', utcNow())'
        }
      }
      {
        name: 'Bill with Spark'
        type: 'IfCondition'
        dependsOn: [{ activity: 'Note the time', dependencyConditions: ['Succeeded'] }]
        typeProperties: {
          expression: { value: '@greater(pipeline().parameters.databricksJobId, 0)', type: 'Expression' }
          ifTrueActivities: [
            {
              name: 'Run the Spark job'
              type: 'DatabricksJob'
              linkedServiceName: { referenceName: databricks.name, type: 'LinkedServiceReference' }
              policy: { timeout: '0.02:00:00', retry: 1, retryIntervalInSeconds: 60 }
              typeProperties: { jobId: { value: '@string(pipeline().parameters.databricksJobId)', type: 'Expression' } }
            }
          ]
        }
      }
      {
        name: 'Else NotBilledInTime'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Bill with Spark', dependencyConditions: ['Succeeded'] }]
        typeProperties: { variableName: 'error', value: 'NotBilledInTime' }
      }
      {
        name: 'Wait until billed'
        type: 'Until'
        dependsOn: [{ activity: 'Else NotBilledInTime', dependencyConditions: ['Succeeded'] }]
        typeProperties: {
          timeout: '0.02:00:00'
          expression: { value: '@equals(variables(\'progress\'), \'billed\')', type: 'Expression' }
          activities: [
            {
              name: 'Look at the progress'
              type: 'Lookup'
              policy: { timeout: '0.00:10:00', retry: 0 }
              typeProperties: {
                source: {
                  type: 'AzurePostgreSqlSource'
                  query: { value: replace(progressQuery, '{0}', topic), type: 'Expression' }
                }
                dataset: { referenceName: storeQuery.name, type: 'DatasetReference' }
                firstRowOnly: true
              }
            }
            {
              name: 'Note the progress'
              type: 'SetVariable'
              dependsOn: [{ activity: 'Look at the progress', dependencyConditions: ['Completed'] }]
              typeProperties: {
                variableName: 'progress'
                value: '@coalesce(activity(\'Look at the progress\')?.output?.firstRow?.state, \'unreachable\')'
              }
            }
            {
              name: 'Give the billing time'
              type: 'Wait'
              dependsOn: [{ activity: 'Note the progress', dependencyConditions: ['Succeeded'] }]
              typeProperties: {
                waitTimeInSeconds: {
                  value: '@if(equals(variables(\'progress\'), \'billed\'), 1, 30)'
                  type: 'Expression'
                }
              }
            }
          ]
        }
      }
      {
        name: 'Else ReconcileFailed'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Wait until billed', dependencyConditions: ['Succeeded'] }]
        typeProperties: { variableName: 'error', value: 'ReconcileFailed' }
      }
      {
        name: 'Reconcile'
        type: 'Lookup'
        dependsOn: [{ activity: 'Else ReconcileFailed', dependencyConditions: ['Succeeded'] }]
        policy: reads
        typeProperties: {
          source: { type: 'AzurePostgreSqlSource', query: { value: reconcileQuery, type: 'Expression' } }
          dataset: { referenceName: storeQuery.name, type: 'DatasetReference' }
          firstRowOnly: false
        }
      }
      {
        name: 'Else NotReconciled'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Reconcile', dependencyConditions: ['Succeeded'] }]
        typeProperties: { variableName: 'error', value: 'NotReconciled' }
      }
      {
        name: 'Balance'
        type: 'IfCondition'
        dependsOn: [{ activity: 'Else NotReconciled', dependencyConditions: ['Succeeded'] }]
        typeProperties: {
          expression: { value: '@equals(activity(\'Reconcile\').output.value[0].failing, 0)', type: 'Expression' }
          ifFalseActivities: [
            {
              name: 'Say what does not balance'
              type: 'Fail'
              typeProperties: {
                errorCode: 'NotReconciled'
                message: '@concat(\'The books do not balance: of \', activity(\'Reconcile\').output.value[0].name, \' \', activity(\'Reconcile\').output.value[0].expected, \' are expected and \', activity(\'Reconcile\').output.value[0].found, \' found; \', string(activity(\'Reconcile\').output.value[0].failing), \' of \', string(activity(\'Reconcile\').output.count), \' checks fail.\')'
              }
            }
          ]
        }
      }
      {
        name: 'Else none'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Balance', dependencyConditions: ['Succeeded'] }]
        typeProperties: { variableName: 'error', value: 'none' }
      }
      {
        name: 'Scale down'
        type: 'AzureFunctionActivity'
        dependsOn: [{ activity: 'Else none', dependencyConditions: ['Completed', 'Skipped'] }]
        linkedServiceName: { referenceName: scaler.name, type: 'LinkedServiceReference' }
        policy: { timeout: '0.00:10:00', retry: 5, retryIntervalInSeconds: 60 }
        typeProperties: {
          method: 'POST'
          functionName: 'scale'
          headers: json
          body: {
            value: '@concat(\'{"replicas":\', string(pipeline().parameters.replicasAfter), \'}\')'
            type: 'Expression'
          }
        }
      }
      {
        name: 'Note the fleet'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Scale down', dependencyConditions: ['Succeeded'] }]
        typeProperties: { variableName: 'fleet', value: 'down' }
      }
      {
        name: 'Stop Spark'
        type: 'IfCondition'
        dependsOn: [{ activity: 'Note the fleet', dependencyConditions: ['Completed', 'Skipped'] }]
        typeProperties: {
          expression: {
            value: '@and(greater(pipeline().parameters.databricksJobId, 0), not(equals(variables(\'error\'), \'none\')))'
            type: 'Expression'
          }
          ifTrueActivities: [
            {
              name: 'Cancel the runs of the Spark job'
              type: 'WebActivity'
              policy: quick
              typeProperties: {
                method: 'POST'
                url: 'https://${databricksWorkspaceUrl}/api/2.1/jobs/runs/cancel-all'
                headers: json
                body: {
                  value: '@concat(\'{"job_id":\', string(pipeline().parameters.databricksJobId), \'}\')'
                  type: 'Expression'
                }
                authentication: { type: 'MSI', resource: databricksApplication }
              }
            }
          ]
        }
      }
      {
        name: 'Note what went wrong'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Stop Spark', dependencyConditions: ['Completed', 'Skipped'] }]
        typeProperties: { variableName: 'wrong', value: trim(whatWentWrong) }
      }
      {
        name: 'Name the outcome'
        type: 'SetVariable'
        dependsOn: [{ activity: 'Note what went wrong', dependencyConditions: ['Completed', 'Skipped'] }]
        typeProperties: { variableName: 'outcome', value: trim(outcome) }
      }
      {
        name: 'Leave the report'
        type: 'WebActivity'
        dependsOn: [{ activity: 'Name the outcome', dependencyConditions: ['Completed', 'Skipped'] }]
        policy: quick
        typeProperties: {
          method: 'PUT'
          url: '@concat(pipeline().parameters.reports, \'/${pipelineName}/\', variables(\'day\'), \'/\', pipeline().RunId, \'.json\')'
          headers: {
            'Content-Type': 'application/json'
            'x-ms-blob-type': 'BlockBlob'
            'x-ms-version': '2023-11-03'
          }
          body: { value: trim(report), type: 'Expression' }
          authentication: { type: 'MSI', resource: 'https://storage.azure.com/' }
          connectVia: runtime
        }
      }
      {
        name: 'End'
        type: 'IfCondition'
        dependsOn: [{ activity: 'Leave the report', dependencyConditions: ['Completed', 'Skipped'] }]
        typeProperties: {
          expression: {
            value: '@and(equals(variables(\'outcome\'), \'Succeeded\'), equals(activity(\'Leave the report\').Status, \'Succeeded\'))'
            type: 'Expression'
          }
          ifFalseActivities: [
            {
              name: 'Fail the run'
              type: 'Fail'
              typeProperties: {
                errorCode: '@if(equals(variables(\'outcome\'), \'Succeeded\'), \'ReportNotLeft\', variables(\'outcome\'))'
                message: '@concat(\'The charging day \', variables(\'day\'), \' failed. \', variables(\'wrong\'), \' The fleet is \', variables(\'fleet\'), \'.\')'
              }
            }
          ]
        }
      }
    ]
  }
  dependsOn: [reportsEndpoint, databaseEndpoint, functionEndpoint]
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
      { pipelineReference: { referenceName: chargingDay.name, type: 'PipelineReference' }, parameters: { day: '' } }
    ]
  }
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
