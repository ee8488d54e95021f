// Who writes a run's report.
import { roleIds } from 'roles.bicep'

param storageName string
param dataFactoryName string
param dataFactoryPrincipalId string

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource reports 'containers' existing = {
      name: 'reports'
    }
  }
}

resource writes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::blobs::reports
  name: guid(account::blobs::reports.id, dataFactoryName, roleIds.storageBlobDataContributor)
  properties: {
    principalId: dataFactoryPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDataContributor)
  }
}
