// For a trial and for development: small, open to one group, without a second machine for anything. deploy/azure/azure sets the variables of the environment.
using 'main.bicep'

param environmentName = 'dev'
param administratorObjectId = readEnvironmentVariable('EVBILLING_AZURE_ADMINISTRATOR_ID')
param administratorName = readEnvironmentVariable('EVBILLING_AZURE_ADMINISTRATOR_NAME')
param alertEmail = readEnvironmentVariable('EVBILLING_AZURE_ALERT_EMAIL')
param budgetStart = readEnvironmentVariable('EVBILLING_AZURE_BUDGET_START')
param monthlyBudget = int(readEnvironmentVariable('EVBILLING_AZURE_MONTHLY_BUDGET', '600'))
param sparkPrincipalId = readEnvironmentVariable('EVBILLING_AZURE_SPARK_PRINCIPAL_ID', '')
param databricksJobId = int(readEnvironmentVariable('EVBILLING_AZURE_DATABRICKS_JOB_ID', '0'))

param registrySku = 'Basic'
param clusterTier = 'Free'
param nodeSize = 'Standard_D2as_v5'
param systemNodesMax = 2
param workNodesMin = 0
param workNodesMax = 3
param eventHubsCapacity = 1
param eventHubsCapacityMax = 4
param eventHubsRetentionHours = 24
param isCaptureEnabled = false
param postgresSkuName = 'Standard_B2s'
param postgresSkuTier = 'Burstable'
param postgresStorageGb = 32
param postgresHighAvailability = 'Disabled'
param postgresBackupDays = 7
param isPostgresBackupGeoRedundant = false
param storageSku = 'Standard_LRS'
param filesKeepDays = 30
param logsKeepDays = 30
param logsDailyGb = 1
