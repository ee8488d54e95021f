// The bill store. Entra ID alone: there is no password that could be stored. Reached by its private endpoint alone.
param name string
param location string
param tags { *: string }
param version string
param skuName string

@allowed(['Burstable', 'GeneralPurpose', 'MemoryOptimized'])
param skuTier string
param storageGb int

@allowed(['Disabled', 'SameZone', 'ZoneRedundant'])
param highAvailability string
param backupDays int

@description('A copy of the back-ups in the paired region; fixed when the server is made.')
param isBackupGeoRedundant bool

@description('The Entra group whose members are administrators.')
param administratorGroupId string
param administratorGroupName string

@description('The identity of the pod that makes roles and schema.')
param installerName string
param installerPrincipalId string
param subnetId string
param zoneId string
param logAnalyticsId string

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: skuName, tier: skuTier }
  properties: {
    createMode: 'Default'
    version: version
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: tenant().tenantId
    }
    network: { publicNetworkAccess: 'Disabled' }
    storage: { storageSizeGB: storageGb, autoGrow: 'Enabled' }
    backup: {
      backupRetentionDays: backupDays
      geoRedundantBackup: isBackupGeoRedundant ? 'Enabled' : 'Disabled'
    }
    highAvailability: { mode: highAvailability }
    maintenanceWindow: { customWindow: 'Enabled', dayOfWeek: 0, startHour: 2, startMinute: 0 }
  }

  resource database 'databases' = {
    name: 'evbilling'
    properties: { charset: 'UTF8', collation: 'en_US.utf8' }
  }
}

// The server takes one change at a time: each waits for the one before.
resource people 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2024-08-01' = {
  parent: server
  name: administratorGroupId
  properties: {
    principalName: administratorGroupName
    principalType: 'Group'
    tenantId: tenant().tenantId
  }
  dependsOn: [server::database]
}

module installer 'postgres-administrator.bicep' = {
  params: {
    serverName: server.name
    principalName: installerName
    // An administrator's resource is named by its object id, which what-if cannot know before the identity is there.
    #disable-next-line what-if-short-circuiting
    principalId: installerPrincipalId
  }
  dependsOn: [people]
}

var settings = [
  { name: 'ssl_min_protocol_version', value: 'TLSv1.2' }
  { name: 'log_checkpoints', value: 'on' }
  { name: 'log_lock_waits', value: 'on' }
]

@batchSize(1)
resource configuration 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = [
  for setting in settings: {
    parent: server
    name: setting.name
    properties: { value: setting.value, source: 'user-override' }
    dependsOn: [installer]
  }
]

module endpoint 'private-endpoint.bicep' = {
  params: {
    name: '${name}-postgres'
    location: location
    tags: tags
    subnetId: subnetId
    serviceId: server.id
    groupId: 'postgresqlServer'
    zoneId: zoneId
  }
  dependsOn: [configuration]
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: server
  name: 'log-analytics'
  properties: {
    workspaceId: logAnalyticsId
    logs: [{ category: 'PostgreSQLLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = server.name
output id string = server.id
output host string = server.properties.fullyQualifiedDomainName
output database string = server::database.name
