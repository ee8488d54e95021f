// One virtual network: the cluster's nodes, Databricks' two subnets, the function's way out, and the private endpoints of all services.
param name string
param location string
param tags { *: string }

var prefix = '10.20.0.0/16'
var subnets = {
  nodes: '10.20.0.0/20'
  databricksHost: '10.20.16.0/22'
  databricksContainer: '10.20.20.0/22'
  function: '10.20.24.0/26'
  privateEndpoints: '10.20.25.0/24'
}

// The services' own names for them, in Azure's public cloud; a private endpoint's address is found under the service's usual name.
var zoneNames = {
  eventHubs: 'privatelink.servicebus.windows.net'
  postgres: 'privatelink.postgres.database.azure.com'
  vault: 'privatelink.vaultcore.azure.net'
  #disable-next-line no-hardcoded-env-urls
  blob: 'privatelink.blob.core.windows.net'
  registry: 'privatelink.azurecr.io'
}

// What leaves the network (Entra ID, Databricks' control plane, the registry) leaves from one address that partners can be told.
resource outbound 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: '${name}-outbound'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource gateway 'Microsoft.Network/natGateways@2024-05-01' = {
  name: '${name}-outbound'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIpAddresses: [{ id: outbound.id }] }
}

// Nobody comes in from the internet: with no rule of its own, a group lets in the virtual network alone.
resource nodesGroup 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${name}-nodes'
  location: location
  tags: tags
  properties: { securityRules: [] }
}

resource functionGroup 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${name}-function'
  location: location
  tags: tags
  properties: { securityRules: [] }
}

resource endpointsGroup 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${name}-private-endpoints'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'services-from-the-network'
        properties: {
          description: 'HTTPS, Kafka, PostgreSQL'
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'VirtualNetwork'
          sourcePortRange: '*'
          destinationAddressPrefix: subnets.privateEndpoints
          destinationPortRanges: ['443', '5432', '9093']
        }
      }
      {
        name: 'nothing-else'
        properties: {
          priority: 4096
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

var databricksRule = 'Microsoft.Databricks-workspaces_UseOnly_databricks-'

// The rules that Databricks puts into the group of its subnets itself; stated here so that a second deployment does not try to take them away.
resource databricksGroup 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${name}-databricks'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: '${databricksRule}worker-to-worker-inbound'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: '*'
          sourceAddressPrefix: 'VirtualNetwork'
          sourcePortRange: '*'
          destinationAddressPrefix: 'VirtualNetwork'
          destinationPortRange: '*'
        }
      }
      {
        name: '${databricksRule}worker-to-databricks-webapp'
        properties: {
          priority: 100
          direction: 'Outbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'VirtualNetwork'
          sourcePortRange: '*'
          destinationAddressPrefix: 'AzureDatabricks'
          destinationPortRanges: ['443', '3306', '8443-8451']
        }
      }
      {
        name: '${databricksRule}worker-to-sql'
        properties: {
          priority: 101
          direction: 'Outbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'VirtualNetwork'
          sourcePortRange: '*'
          destinationAddressPrefix: 'Sql'
          destinationPortRange: '3306'
        }
      }
      {
        name: '${databricksRule}worker-to-storage'
        properties: {
          priority: 102
          direction: 'Outbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'VirtualNetwork'
          sourcePortRange: '*'
          destinationAddressPrefix: 'Storage'
          destinationPortRange: '443'
        }
      }
      {
        name: '${databricksRule}worker-to-worker-outbound'
        properties: {
          priority: 103
          direction: 'Outbound'
          access: 'Allow'
          protocol: '*'
          sourceAddressPrefix: 'VirtualNetwork'
          sourcePortRange: '*'
          destinationAddressPrefix: 'VirtualNetwork'
          destinationPortRange: '*'
        }
      }
      {
        name: '${databricksRule}worker-to-eventhub'
        properties: {
          priority: 104
          direction: 'Outbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'VirtualNetwork'
          sourcePortRange: '*'
          destinationAddressPrefix: 'EventHub'
          destinationPortRange: '9093'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [prefix] }
    subnets: [
      {
        name: 'nodes'
        properties: {
          addressPrefix: subnets.nodes
          defaultOutboundAccess: false
          natGateway: { id: gateway.id }
          networkSecurityGroup: { id: nodesGroup.id }
        }
      }
      {
        name: 'databricks-host'
        properties: {
          addressPrefix: subnets.databricksHost
          defaultOutboundAccess: false
          delegations: [{ name: 'databricks', properties: { serviceName: 'Microsoft.Databricks/workspaces' } }]
          natGateway: { id: gateway.id }
          networkSecurityGroup: { id: databricksGroup.id }
        }
      }
      {
        name: 'databricks-container'
        properties: {
          addressPrefix: subnets.databricksContainer
          defaultOutboundAccess: false
          delegations: [{ name: 'databricks', properties: { serviceName: 'Microsoft.Databricks/workspaces' } }]
          natGateway: { id: gateway.id }
          networkSecurityGroup: { id: databricksGroup.id }
        }
      }
      {
        name: 'function'
        properties: {
          addressPrefix: subnets.function
          defaultOutboundAccess: false
          delegations: [{ name: 'function', properties: { serviceName: 'Microsoft.Web/serverFarms' } }]
          networkSecurityGroup: { id: functionGroup.id }
        }
      }
      {
        name: 'private-endpoints'
        properties: {
          addressPrefix: subnets.privateEndpoints
          defaultOutboundAccess: false
          networkSecurityGroup: { id: endpointsGroup.id }
          privateEndpointNetworkPolicies: 'NetworkSecurityGroupEnabled'
        }
      }
    ]
  }

  resource databricksHost 'subnets' existing = { name: 'databricks-host' }
  resource databricksContainer 'subnets' existing = { name: 'databricks-container' }
  resource function 'subnets' existing = { name: 'function' }
  resource privateEndpoints 'subnets' existing = { name: 'private-endpoints' }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in items(zoneNames): {
    name: zone.value
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, i) in items(zoneNames): {
    parent: zones[i]
    name: name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
]

output networkId string = network.id
output databricksHostSubnetName string = network::databricksHost.name
output databricksContainerSubnetName string = network::databricksContainer.name
output functionSubnetId string = network::function.id
output privateEndpointsSubnetId string = network::privateEndpoints.id
output eventHubsZoneId string = resourceId('Microsoft.Network/privateDnsZones', zoneNames.eventHubs)
output postgresZoneId string = resourceId('Microsoft.Network/privateDnsZones', zoneNames.postgres)
output vaultZoneId string = resourceId('Microsoft.Network/privateDnsZones', zoneNames.vault)
output blobZoneId string = resourceId('Microsoft.Network/privateDnsZones', zoneNames.blob)
output registryZoneId string = resourceId('Microsoft.Network/privateDnsZones', zoneNames.registry)
