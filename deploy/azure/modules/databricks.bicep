// The workspace of the Spark job. Its nodes have no public address and lie in the virtual network, where Event Hubs and PostgreSQL are reached.
param name string
param location string
param tags { *: string }
param networkId string
param hostSubnetName string
param containerSubnetName string
param logAnalyticsId string

resource workspace 'Microsoft.Databricks/workspaces@2024-05-01' = {
  name: name
  location: location
  tags: tags
  // Premium alone has access control, secrets by role and audit logs.
  sku: { name: 'premium' }
  properties: {
    managedResourceGroupId: subscriptionResourceId(
      'Microsoft.Resources/resourceGroups',
      '${resourceGroup().name}-${name}-managed'
    )
    // People and the deploying script call it from outside, by Entra ID.
    publicNetworkAccess: 'Enabled'
    requiredNsgRules: 'AllRules'
    parameters: {
      customVirtualNetworkId: { value: networkId }
      customPublicSubnetName: { value: hostSubnetName }
      customPrivateSubnetName: { value: containerSubnetName }
      enableNoPublicIp: { value: true }
    }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: workspace
  name: 'log-analytics'
  properties: {
    workspaceId: logAnalyticsId
    logs: [
      for category in ['accounts', 'clusters', 'jobs', 'secrets', 'workspace']: {
        category: category
        enabled: true
      }
    ]
  }
}

output name string = workspace.name
output id string = workspace.id
output url string = workspace.properties.workspaceUrl
