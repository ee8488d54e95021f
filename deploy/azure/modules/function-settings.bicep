// The function's settings (docs/function.md), which name the factory that may call, so that they come after it.
param functionAppName string
param storageName string
param clusterName string

@description('The Entra application that stands for the function.')
param audience string

@description('Object ids of who may call.')
param callerObjectIds string[]
param replicasMax int

@description('When how many simulators run; empty = the timer does nothing.')
param schedule string

resource cluster 'Microsoft.ContainerService/managedClusters@2025-05-01' existing = {
  name: clusterName
}

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName
}

// A kubeconfig of a cluster without local accounts holds no credentials, only where the API server is and whom to trust.
var kubeconfig = base64ToString(cluster.listClusterUserCredential().kubeconfigs[0].value)

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    {
      AzureWebJobsStorage__accountName: storageName
      AzureWebJobsStorage__credential: 'managedidentity'
      FUNCTIONS_EXTENSION_VERSION: '~4'
      FUNCTIONS_WORKER_RUNTIME: 'custom'
      WEBSITE_RUN_FROM_PACKAGE: '1'
      EVBILLING_SCALE_SERVER: 'https://${cluster.properties.privateFQDN}'
      EVBILLING_SCALE_CA: split(split(kubeconfig, 'certificate-authority-data: ')[1], '\n')[0]
      EVBILLING_SCALE_NAMESPACE: 'evbilling'
      EVBILLING_SCALE_SET: 'evbilling-simulator'
      EVBILLING_SCALE_MIN: '0'
      EVBILLING_SCALE_MAX: string(replicasMax)
      EVBILLING_SCALE_ENTRA_TENANT: tenant().tenantId
      EVBILLING_SCALE_ENTRA_AUDIENCE: audience
      EVBILLING_SCALE_ENTRA_OBJECT_IDS: join(callerObjectIds, ',')
    },
    empty(schedule) ? {} : { EVBILLING_SCALE_SCHEDULE: schedule }
  )
}
