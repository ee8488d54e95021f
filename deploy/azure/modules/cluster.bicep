// AKS: simulator and workers. Its API server has a private address; people come in by Entra ID, pods go out by workload identity.
import { roleIds } from 'roles.bicep'

param name string
param location string
param tags { *: string }
param kubernetesVersion string

@allowed(['Free', 'Standard'])
param tier string
param nodeSize string
param systemNodesMax int
param workNodesMin int
param workNodesMax int

@description('Availability zones of the nodes; none where the region has none.')
param zones string[]

@description('System pods alone on the system pool.')
param isSystemPoolDedicated bool

@description('The Entra group whose members are administrators of the cluster.')
param administratorGroupId string

@description('The virtual network, which has a subnet nodes.')
param networkName string
param registryName string
param logAnalyticsId string

var common = {
  osType: 'Linux'
  osSKU: 'AzureLinux'
  osDiskSizeGB: 64
  type: 'VirtualMachineScaleSets'
  availabilityZones: zones
  vnetSubnetID: network::nodes.id
  maxPods: 60
  enableAutoScaling: true
  enableNodePublicIP: false
  upgradeSettings: { maxSurge: '33%' }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' existing = {
  name: networkName

  resource nodes 'subnets' existing = {
    name: 'nodes'
  }
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registryName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-control-plane'
  location: location
  tags: tags
}

// The cluster puts its nodes and its load balancer into this subnet, and into no other.
resource joins 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: network::nodes
  name: guid(network::nodes.id, identity.id, roleIds.networkContributor)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.networkContributor)
  }
}

resource cluster 'Microsoft.ContainerService/managedClusters@2025-05-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Base', tier: tier }
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    kubernetesVersion: kubernetesVersion
    dnsPrefix: name
    nodeResourceGroup: '${resourceGroup().name}-${name}-nodes'
    enableRBAC: true
    disableLocalAccounts: true
    // Kubernetes' own roles decide: the function's identity is bound to one of them, which Azure's RBAC would not look at.
    aadProfile: {
      managed: true
      enableAzureRBAC: false
      tenantID: tenant().tenantId
      adminGroupObjectIDs: [administratorGroupId]
    }
    oidcIssuerProfile: { enabled: true }
    securityProfile: {
      workloadIdentity: { enabled: true }
      imageCleaner: { enabled: true, intervalHours: 168 }
    }
    apiServerAccessProfile: {
      enablePrivateCluster: true
      enablePrivateClusterPublicFQDN: false
      privateDNSZone: 'system'
      disableRunCommand: false
    }
    networkProfile: {
      networkPlugin: 'azure'
      networkPluginMode: 'overlay'
      networkDataplane: 'cilium'
      networkPolicy: 'cilium'
      podCidr: '10.244.0.0/16'
      serviceCidr: '10.245.0.0/16'
      dnsServiceIP: '10.245.0.10'
      loadBalancerSku: 'standard'
      outboundType: 'userAssignedNATGateway'
    }
    autoUpgradeProfile: { upgradeChannel: 'patch', nodeOSUpgradeChannel: 'NodeImage' }
    autoScalerProfile: {
      expander: 'least-waste'
      'scale-down-unneeded-time': '10m'
      'skip-nodes-with-system-pods': 'true'
    }
    addonProfiles: {
      omsagent: {
        enabled: true
        config: { logAnalyticsWorkspaceResourceID: logAnalyticsId, useAADAuth: 'true' }
      }
    }
    agentPoolProfiles: [
      union(common, {
        name: 'system'
        mode: 'System'
        vmSize: nodeSize
        count: 1
        minCount: 1
        maxCount: systemNodesMax
        nodeTaints: isSystemPoolDedicated ? ['CriticalAddonsOnly=true:NoSchedule'] : []
      })
      union(common, {
        name: 'work'
        mode: 'User'
        vmSize: nodeSize
        count: workNodesMin
        minCount: workNodesMin
        maxCount: workNodesMax
      })
    ]
  }
  dependsOn: [joins]
}

// Updates come on Sunday nights.
resource upgrades 'Microsoft.ContainerService/managedClusters/maintenanceConfigurations@2025-05-01' = [
  for schedule in ['aksManagedAutoUpgradeSchedule', 'aksManagedNodeOSUpgradeSchedule']: {
    parent: cluster
    name: schedule
    properties: {
      maintenanceWindow: {
        durationHours: 4
        startTime: '01:00'
        utcOffset: '+00:00'
        schedule: { weekly: { dayOfWeek: 'Sunday', intervalWeeks: 1 } }
      }
    }
  }
]

// The kubelets pull the image.
resource pulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, cluster.id, roleIds.acrPull)
  properties: {
    principalId: cluster.properties.identityProfile.kubeletidentity.objectId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.acrPull)
  }
}

// What pods of the namespace evbilling write on stdout, and Kubernetes' events about them.
resource collection 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: '${name}-logs'
  location: location
  tags: tags
  kind: 'Linux'
  properties: {
    dataSources: {
      extensions: [
        {
          name: 'ContainerInsightsExtension'
          extensionName: 'ContainerInsights'
          streams: ['Microsoft-ContainerLogV2', 'Microsoft-KubeEvents', 'Microsoft-KubePodInventory']
          extensionSettings: {
            dataCollectionSettings: {
              interval: '1m'
              namespaceFilteringMode: 'Include'
              namespaces: ['evbilling']
              enableContainerLogV2: true
            }
          }
        }
      ]
    }
    destinations: { logAnalytics: [{ name: 'logs', workspaceResourceId: logAnalyticsId }] }
    dataFlows: [
      {
        streams: ['Microsoft-ContainerLogV2', 'Microsoft-KubeEvents', 'Microsoft-KubePodInventory']
        destinations: ['logs']
      }
    ]
  }
}

resource collects 'Microsoft.Insights/dataCollectionRuleAssociations@2023-03-11' = {
  scope: cluster
  name: 'ContainerInsightsExtension'
  properties: { dataCollectionRuleId: collection.id }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: cluster
  name: 'log-analytics'
  properties: {
    workspaceId: logAnalyticsId
    logs: [
      for category in ['kube-audit-admin', 'guard', 'cluster-autoscaler', 'kube-controller-manager']: {
        category: category
        enabled: true
      }
    ]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = cluster.name
output id string = cluster.id
output issuer string = cluster.properties.oidcIssuerProfile.issuerURL
