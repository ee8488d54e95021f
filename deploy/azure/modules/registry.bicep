// The registry that holds the image. Pulled by the cluster's kubelet; nobody has a password.
param name string
param location string
param tags { *: string }

@description('Premium alone can be closed to the internet.')
@allowed(['Basic', 'Standard', 'Premium'])
param sku string
param subnetId string
param zoneId string
param logAnalyticsId string

var isPrivate = sku == 'Premium'

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku }
  properties: {
    adminUserEnabled: false
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    // Lets `az acr import` bring an image into a closed registry.
    networkRuleBypassOptions: 'AzureServices'
  }
}

module endpoint 'private-endpoint.bicep' = if (isPrivate) {
  params: {
    name: '${name}-registry'
    location: location
    tags: tags
    subnetId: subnetId
    serviceId: registry.id
    groupId: 'registry'
    zoneId: zoneId
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: registry
  name: 'log-analytics'
  properties: {
    workspaceId: logAnalyticsId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = registry.name
output loginServer string = registry.properties.loginServer
