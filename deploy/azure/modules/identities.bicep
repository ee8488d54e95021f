// Who the pods are: an identity for each service account, which Kubernetes vouches for. No secret.
param workerName string
param simulatorName string
param installerName string
param location string
param tags { *: string }

@description('The cluster\'s issuer of service account tokens.')
param issuer string

var namespace = 'evbilling'

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: workerName
  location: location
  tags: tags

  resource credential 'federatedIdentityCredentials' = {
    name: 'evbilling-worker'
    properties: {
      issuer: issuer
      subject: 'system:serviceaccount:${namespace}:evbilling-worker'
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

resource simulator 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: simulatorName
  location: location
  tags: tags

  resource credential 'federatedIdentityCredentials' = {
    name: 'evbilling-simulator'
    properties: {
      issuer: issuer
      subject: 'system:serviceaccount:${namespace}:evbilling-simulator'
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

resource installer 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: installerName
  location: location
  tags: tags

  resource credential 'federatedIdentityCredentials' = {
    name: 'evbilling-installer'
    properties: {
      issuer: issuer
      subject: 'system:serviceaccount:${namespace}:evbilling-installer'
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

output workerClientId string = worker.properties.clientId
output workerPrincipalId string = worker.properties.principalId
output simulatorClientId string = simulator.properties.clientId
output installerClientId string = installer.properties.clientId
output installerPrincipalId string = installer.properties.principalId
