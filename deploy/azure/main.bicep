// All of EvBilling on Azure, in one resource group. docs/azure.md tells what each part is for, who may do what, and what it costs.
// It is deployed by deploy/azure/azure up, twice at first: with databricksJobId once the job exists.
targetScope = 'resourceGroup'

@description('Goes into names and tags.')
@allowed(['dev', 'prod'])
param environmentName string
param location string = resourceGroup().location

@description('What names begin with: lower-case letters and digits.')
@minLength(3)
@maxLength(10)
param namePrefix string = 'evbilling'

@description('Object id of the Entra group whose members administer cluster, database and vault.')
@minLength(36)
@maxLength(36)
param administratorObjectId string

@description('That group\'s display name, which is its name in the database.')
@minLength(1)
param administratorName string

@description('Who is told of alerts and of the budget.')
@minLength(3)
param alertEmail string

@description('What a month may cost before somebody is told, in the subscription\'s currency.')
@minValue(1)
param monthlyBudget int

@description('The first of the month in which the budget was made, such as 2026-12-01; it stays what it was.')
@minLength(10)
@maxLength(10)
param budgetStart string

@description('Object id of the service principal that the Spark job is; empty = none.')
param sparkPrincipalId string = ''

@description('The Databricks job; 0 = not yet made.')
@minValue(0)
param databricksJobId int = 0

@description('Application id URI of the function\'s registration in Entra; empty = api://TENANT/NAME.')
param functionAudience string = ''

@description('When how many simulators run (docs/function.md); empty = only when asked.')
param functionSchedule string = ''

@description('Addresses (CIDR) from which the function\'s code may be deployed; none = all, by Entra ID.')
param deployerAddresses string[] = []

// Sizes.
@description('Premium is closed to the internet.')
@allowed(['Basic', 'Standard', 'Premium'])
param registrySku string
param kubernetesVersion string = '1.35'

@allowed(['Free', 'Standard'])
param clusterTier string
param nodeSize string

@minValue(1)
param systemNodesMax int

@minValue(0)
param workNodesMin int

@minValue(1)
param workNodesMax int
param zones string[] = []
param isSystemPoolDedicated bool = false

@allowed(['Standard', 'Premium'])
param eventHubsSku string = 'Standard'

@minValue(1)
@maxValue(40)
param eventHubsCapacity int

@description('Standard: throughput units go up to this by themselves. Premium grows only by a deployment.')
@minValue(1)
@maxValue(40)
param eventHubsCapacityMax int = eventHubsCapacity

@description('As many workers work at once; deploy/kubernetes/base/worker.yaml has the same number as the most.')
@minValue(1)
@maxValue(100)
param eventHubsPartitions int = 8

@minValue(1)
@maxValue(2160)
param eventHubsRetentionHours int

@description('Keep all events as Avro files.')
param isCaptureEnabled bool
param postgresVersion string = '17'
param postgresSkuName string

@allowed(['Burstable', 'GeneralPurpose', 'MemoryOptimized'])
param postgresSkuTier string

@minValue(32)
param postgresStorageGb int

@allowed(['Disabled', 'SameZone', 'ZoneRedundant'])
param postgresHighAvailability string

@minValue(7)
@maxValue(35)
param postgresBackupDays int
param isPostgresBackupGeoRedundant bool
param functionPlanSku string = 'B1'

@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string

@description('Files of captured events and reports are removed after so many days; 0 = never.')
@minValue(0)
param filesKeepDays int

@minValue(30)
@maxValue(730)
param logsKeepDays int

@description('Logs a day at most, in GB; -1 = no bound.')
@minValue(-1)
param logsDailyGb int

// The daily run.
@minValue(0)
@maxValue(23)
param scheduleHour int = 6

@description('Windows name of the time zone of scheduleHour.')
param timeZone string = 'W. Europe Standard Time'

@description('Simulators while the daily run goes; no more than the fleet\'s 16 shards.')
@minValue(1)
@maxValue(16)
param replicas int = 5

var tags = { application: 'evbilling', environment: environmentName, source: 'deploy/azure' }
var base = '${namePrefix}-${environmentName}'
// Names that are unique in all of Azure, and the same at each deployment.
var mark = take(uniqueString(resourceGroup().id, base), 6)
var unique = '${base}-${mark}'
var uniqueShort = '${namePrefix}${environmentName}${mark}'
var dataStorageName = '${uniqueShort}data'
var functionStorageName = '${uniqueShort}func'
var workerIdentityName = '${base}-worker'
var simulatorIdentityName = '${base}-simulator'
var installerIdentityName = '${base}-installer'
var audience = empty(functionAudience) ? 'api://${tenant().tenantId}/${base}-scale' : functionAudience

module network 'modules/network.bicep' = {
  params: { name: base, location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    logAnalyticsName: base
    actionGroupName: base
    location: location
    tags: tags
    retentionDays: logsKeepDays
    dailyQuotaGb: logsDailyGb
    alertEmail: alertEmail
  }
}

module registry 'modules/registry.bicep' = {
  params: {
    name: uniqueShort
    location: location
    tags: tags
    sku: registrySku
    subnetId: network.outputs.privateEndpointsSubnetId
    zoneId: network.outputs.registryZoneId
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

module cluster 'modules/cluster.bicep' = {
  params: {
    name: base
    location: location
    tags: tags
    kubernetesVersion: kubernetesVersion
    tier: clusterTier
    nodeSize: nodeSize
    systemNodesMax: systemNodesMax
    workNodesMin: workNodesMin
    workNodesMax: workNodesMax
    zones: zones
    isSystemPoolDedicated: isSystemPoolDedicated
    administratorGroupId: administratorObjectId
    networkName: base
    registryName: uniqueShort
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
  dependsOn: [network, registry]
}

module identities 'modules/identities.bicep' = {
  params: {
    workerName: workerIdentityName
    simulatorName: simulatorIdentityName
    installerName: installerIdentityName
    location: location
    tags: tags
    issuer: cluster.outputs.issuer
  }
}

// Reports of the daily run, and captured events.
module files 'modules/storage.bicep' = {
  params: {
    name: dataStorageName
    location: location
    tags: tags
    sku: storageSku
    containers: ['reports', 'charging-events']
    keepDays: filesKeepDays
    subnetId: network.outputs.privateEndpointsSubnetId
    zoneId: network.outputs.blobZoneId
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

module eventHubs 'modules/event-hubs.bicep' = {
  params: {
    name: unique
    location: location
    tags: tags
    sku: eventHubsSku
    capacity: eventHubsCapacity
    capacityMax: eventHubsCapacityMax
    partitions: eventHubsPartitions
    retentionHours: eventHubsRetentionHours
    consumerGroups: ['evbilling', 'analysis']
    captureStorageName: isCaptureEnabled ? dataStorageName : ''
    workerIdentityName: workerIdentityName
    simulatorIdentityName: simulatorIdentityName
    sparkPrincipalId: sparkPrincipalId
    subnetId: network.outputs.privateEndpointsSubnetId
    zoneId: network.outputs.eventHubsZoneId
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
  dependsOn: [files, identities]
}

module postgres 'modules/postgres.bicep' = {
  params: {
    name: unique
    location: location
    tags: tags
    version: postgresVersion
    skuName: postgresSkuName
    skuTier: postgresSkuTier
    storageGb: postgresStorageGb
    highAvailability: postgresHighAvailability
    backupDays: postgresBackupDays
    isBackupGeoRedundant: isPostgresBackupGeoRedundant
    administratorGroupId: administratorObjectId
    administratorGroupName: administratorName
    installerName: installerIdentityName
    // See modules/postgres.bicep.
    #disable-next-line what-if-short-circuiting
    installerPrincipalId: identities.outputs.installerPrincipalId
    subnetId: network.outputs.privateEndpointsSubnetId
    zoneId: network.outputs.postgresZoneId
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

module databricks 'modules/databricks.bicep' = {
  params: {
    name: base
    location: location
    tags: tags
    networkId: network.outputs.networkId
    hostSubnetName: network.outputs.databricksHostSubnetName
    containerSubnetName: network.outputs.databricksContainerSubnetName
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

module vault 'modules/key-vault.bicep' = {
  params: {
    name: unique
    location: location
    tags: tags
    administratorGroupId: administratorObjectId
    subnetId: network.outputs.privateEndpointsSubnetId
    zoneId: network.outputs.vaultZoneId
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

module functionStorage 'modules/storage.bicep' = {
  params: {
    name: functionStorageName
    location: location
    tags: tags
    sku: storageSku
    containers: []
    keepDays: 0
    subnetId: network.outputs.privateEndpointsSubnetId
    zoneId: network.outputs.blobZoneId
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

module function 'modules/function-app.bicep' = {
  params: {
    name: unique
    location: location
    tags: tags
    planSku: functionPlanSku
    storageName: functionStorageName
    subnetId: network.outputs.functionSubnetId
    deployerAddresses: deployerAddresses
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
  dependsOn: [functionStorage]
}

module dataFactory 'modules/data-factory.bicep' = {
  params: {
    name: unique
    location: location
    tags: tags
    functionAppHost: function.outputs.host
    functionAppId: resourceId('Microsoft.Web/sites', unique)
    functionAudience: audience
    databricksWorkspaceUrl: databricks.outputs.url
    databricksWorkspaceResourceId: databricks.outputs.id
    databricksJobId: databricksJobId
    postgresServerId: postgres.outputs.id
    postgresHost: postgres.outputs.host
    postgresDatabase: postgres.outputs.database
    postgresUser: unique
    reportsStorageAccountName: dataStorageName
    logAnalyticsId: monitoring.outputs.logAnalyticsId
    alertActionGroupId: monitoring.outputs.actionGroupId
    scheduleHour: scheduleHour
    timeZone: timeZone
    replicas: replicas
  }
  dependsOn: [files]
}

module reports 'modules/reports-role.bicep' = {
  params: {
    storageName: dataStorageName
    dataFactoryName: unique
  }
  dependsOn: [files, dataFactory]
}

module functionSettings 'modules/function-settings.bicep' = {
  params: {
    functionAppName: unique
    storageName: functionStorageName
    clusterName: base
    audience: audience
    callerObjectIds: [dataFactory.outputs.principalId]
    replicasMax: 16
    schedule: functionSchedule
  }
}

module budget 'modules/budget.bicep' = {
  params: {
    name: base
    monthlyBudget: monthlyBudget
    startDate: budgetStart
    alertEmail: alertEmail
    actionGroupId: monitoring.outputs.actionGroupId
  }
}

module alerts 'modules/alerts.bicep' = {
  params: {
    namePrefix: base
    tags: tags
    actionGroupId: monitoring.outputs.actionGroupId
    eventHubsId: eventHubs.outputs.id
    postgresId: postgres.outputs.id
    clusterId: cluster.outputs.id
    functionAppId: function.outputs.id
  }
}

output tenantId string = tenant().tenantId
output registryName string = registry.outputs.name
output registryLoginServer string = registry.outputs.loginServer
output clusterName string = cluster.outputs.name
output eventHubsNamespaceName string = eventHubs.outputs.name
output eventHubsBroker string = eventHubs.outputs.broker
output postgresServerName string = postgres.outputs.name
output postgresHost string = postgres.outputs.host
output postgresDatabase string = postgres.outputs.database
output databricksWorkspaceName string = databricks.outputs.name
output databricksWorkspaceUrl string = databricks.outputs.url
output databricksWorkspaceResourceId string = databricks.outputs.id
output functionAppName string = function.outputs.name
output functionAppHost string = function.outputs.host
output functionPrincipalId string = function.outputs.principalId
output functionAudience string = audience
output dataFactoryName string = dataFactory.outputs.name
output dataFactoryPrincipalId string = dataFactory.outputs.principalId
output keyVaultName string = vault.outputs.name
output workerIdentityName string = workerIdentityName
output workerClientId string = identities.outputs.workerClientId
output workerPrincipalId string = identities.outputs.workerPrincipalId
output simulatorClientId string = identities.outputs.simulatorClientId
output installerIdentityName string = installerIdentityName
output installerClientId string = identities.outputs.installerClientId
output reportsStorageAccountName string = files.outputs.name
output logAnalyticsName string = monitoring.outputs.logAnalyticsName
