metadata description = 'The pipeline charging-day of a data factory. docs/data-factory.md explains its steps and how it fails.'

@description('The factory that has it.')
param factoryName string

@description('Its linked service of the Function that scales the fleet.')
param scalerName string

@description('Its linked service of the Databricks workspace.')
param databricksName string

@description('Its dataset of queries of the bill store.')
param storeQueryName string

@description('Its integration runtime within the private network.')
param runtimeName string

@description('Host name of the Databricks workspace.')
param databricksWorkspaceUrl string

@description('The Spark job; 0 = there is none, and the workers bill.')
param databricksJobId int

param reportsStorageAccountName string

@description('Pods of the fleet while the pipeline runs.')
param replicas int

@description('Pods of the fleet when it has ended.')
param replicasAfter int

@description('The topic whose events are billed.')
param topic string

@description('How long the fleet is left to deliver what it held back.')
param deliverySeconds int

// Azure Databricks, in every tenant.
var databricksApplication = '2ff814a6-3304-4ab8-85cb-cd0e6f879c1d'
var scaler = { referenceName: scalerName, type: 'LinkedServiceReference' }
var storeQuery = { referenceName: storeQueryName, type: 'DatasetReference' }

// Executed again it does no harm.
var quick = { timeout: '0.00:10:00', retry: 2, retryIntervalInSeconds: 30 }
var reads = { timeout: '0.00:30:00', retry: 2, retryIntervalInSeconds: 60 }
var json = { 'Content-Type': 'application/json' }

// That all is billed which was in the log at a time: a worker has confirmed each partition since, and nothing waits. Where the job bills, its end says so, and no end of the log is known.
var progressQuery = '''
SELECT CASE WHEN p.source IS NULL OR p.lag > 0 OR '@{variables('since')}'::timestamptz > '-infinity'
    AND (p.ends_unknown > 0 OR p.confirmed_at IS NULL OR p.confirmed_at < '@{variables('since')}'::timestamptz) THEN 'waiting' ELSE 'billed' END AS state
FROM (SELECT 1) AS one LEFT JOIN evbilling.progress_by_source AS p ON p.source = 'kafka:{0}'
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
 ',"checks":', string(coalesce(activity('Reconcile')?.output?.value, json('[]'))), '}')
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

resource factory 'Microsoft.DataFactory/factories@2018-06-01' existing = {
  name: factoryName
}

// The steps of a day, each if the one before has succeeded; ahead of a step stands what its failure is called. Behind them, whatever came of them, what ends a day.
resource chargingDay 'Microsoft.DataFactory/factories/pipelines@2018-06-01' = {
  parent: factory
  name: 'charging-day'
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
          dataset: storeQuery
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
        linkedServiceName: scaler
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
              linkedServiceName: scaler
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
              linkedServiceName: { referenceName: databricksName, type: 'LinkedServiceReference' }
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
                dataset: storeQuery
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
          dataset: storeQuery
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
        linkedServiceName: scaler
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
          url: '@concat(pipeline().parameters.reports, \'/charging-day/\', variables(\'day\'), \'/\', pipeline().RunId, \'.json\')'
          headers: {
            'Content-Type': 'application/json'
            'x-ms-blob-type': 'BlockBlob'
            'x-ms-version': '2023-11-03'
          }
          body: { value: trim(report), type: 'Expression' }
          authentication: { type: 'MSI', resource: 'https://storage.azure.com/' }
          connectVia: { referenceName: runtimeName, type: 'IntegrationRuntimeReference' }
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
}

output name string = chargingDay.name
