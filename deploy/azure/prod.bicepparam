// For bills that are sent: several zones, a database with a standby, and all events kept as files for as long as the database's back-ups, so that what a
// restored database lacks can be read again. These sizes are for some 10,000 events/s; docs/azure.md has others.
using 'main.bicep'

param environmentName = 'prod'
param administratorObjectId = readEnvironmentVariable('EVBILLING_AZURE_ADMINISTRATOR_ID')
param administratorName = readEnvironmentVariable('EVBILLING_AZURE_ADMINISTRATOR_NAME')
param alertEmail = readEnvironmentVariable('EVBILLING_AZURE_ALERT_EMAIL')
param budgetStart = readEnvironmentVariable('EVBILLING_AZURE_BUDGET_START')
param monthlyBudget = int(readEnvironmentVariable('EVBILLING_AZURE_MONTHLY_BUDGET', '4000'))
param sparkPrincipalId = readEnvironmentVariable('EVBILLING_AZURE_SPARK_PRINCIPAL_ID', '')
param databricksJobId = int(readEnvironmentVariable('EVBILLING_AZURE_DATABRICKS_JOB_ID', '0'))

param registrySku = 'Premium'
param clusterTier = 'Standard'
param nodeSize = 'Standard_D4as_v5'
param systemNodesMax = 3
param workNodesMin = 2
param workNodesMax = 6
param zones = ['1', '2', '3']
param isSystemPoolDedicated = true
param eventHubsSku = 'Premium'
param eventHubsCapacity = 1
param eventHubsRetentionHours = 72
param isCaptureEnabled = true
param postgresSkuName = 'Standard_D4ds_v5'
param postgresSkuTier = 'GeneralPurpose'
param postgresStorageGb = 512
param postgresHighAvailability = 'ZoneRedundant'
param postgresBackupDays = 35
param isPostgresBackupGeoRedundant = true
param storageSku = 'Standard_ZRS'
param filesKeepDays = 35
param logsKeepDays = 90
param logsDailyGb = 10
