// What wakes somebody: the services' own measures over a line.
param namePrefix string
param tags { *: string }
param actionGroupId string
param eventHubsId string
param postgresId string
param clusterId string
param functionAppId string

type Measure = {
  name: string
  what: string
  resourceId: string
  namespace: string
  metric: string
  aggregation: 'Average' | 'Maximum' | 'Minimum' | 'Total'
  operator: 'GreaterThan' | 'LessThan' | 'GreaterThanOrEqual'
  threshold: int
  severity: 1 | 2 | 3
}

var measures Measure[] = [
  {
    name: 'event-hubs-throttled'
    what: 'Event Hubs takes no more: producers wait. More throughput units.'
    resourceId: eventHubsId
    namespace: 'Microsoft.EventHub/namespaces'
    metric: 'ThrottledRequests'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 100
    severity: 2
  }
  {
    name: 'event-hubs-errors'
    what: 'Event Hubs fails by itself.'
    resourceId: eventHubsId
    namespace: 'Microsoft.EventHub/namespaces'
    metric: 'ServerErrors'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 10
    severity: 2
  }
  {
    name: 'postgres-away'
    what: 'The bill store does not answer: nothing is billed; what waits is in Event Hubs.'
    resourceId: postgresId
    namespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
    metric: 'is_db_alive'
    aggregation: 'Maximum'
    operator: 'LessThan'
    threshold: 1
    severity: 1
  }
  {
    name: 'postgres-storage'
    what: 'The bill store\'s disk is nearly full; it grows by itself unless it has reached its bound.'
    resourceId: postgresId
    namespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
    metric: 'storage_percent'
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: 85
    severity: 2
  }
  {
    name: 'postgres-processor'
    what: 'The bill store is at its processors\' end.'
    resourceId: postgresId
    namespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
    metric: 'cpu_percent'
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: 90
    severity: 3
  }
  {
    name: 'cluster-pods-pending'
    what: 'Pods find no node: the pool is at its largest, or the subscription at its quota.'
    resourceId: clusterId
    namespace: 'Microsoft.ContainerService/managedClusters'
    metric: 'cluster_autoscaler_unschedulable_pods_count'
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: 0
    severity: 3
  }
  {
    name: 'function-fails'
    what: 'Calls to scale the fleet fail; docs/function.md says which status means what.'
    resourceId: functionAppId
    namespace: 'Microsoft.Web/sites'
    metric: 'Http5xx'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 3
    severity: 2
  }
]

resource alerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for measure in measures: {
    name: '${namePrefix}-${measure.name}'
    location: 'global'
    tags: tags
    properties: {
      description: measure.what
      enabled: true
      severity: measure.severity
      scopes: [measure.resourceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: measure.name
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: measure.namespace
            metricName: measure.metric
            timeAggregation: measure.aggregation
            operator: measure.operator
            threshold: measure.threshold
            // A new service has not measured anything yet.
            skipMetricValidation: true
          }
        ]
      }
      actions: [{ actionGroupId: actionGroupId }]
    }
  }
]
