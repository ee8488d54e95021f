# The settings of the job evbilling-batch for the REST API, as deploy/databricks/databricks.yml has them: a test compares the two.
{
  name: "evbilling-batch",
  max_concurrent_runs: 1,
  tasks: [{
    task_key: "bill",
    job_cluster_key: "bill",
    spark_jar_task: {main_class_name: "org.evbilling.spark.Job", parameters: [$properties, "available-now=true"]},
    libraries: [{jar: $jar}]
  }],
  job_clusters: [{
    job_cluster_key: "bill",
    new_cluster: {
      spark_version: "17.3.x-scala2.13",
      node_type_id: "Standard_D4ads_v5",
      data_security_mode: "SINGLE_USER",
      autoscale: {min_workers: 1, max_workers: 4},
      policy_id: $policy,
      spark_env_vars: {AZURE_TENANT_ID: $tenant, AZURE_CLIENT_ID: $client, AZURE_CLIENT_SECRET: "{{secrets/evbilling/client-secret}}"}
    }
  }]
}
