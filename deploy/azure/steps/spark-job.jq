# The settings of the job evbilling-batch for the REST API, as deploy/databricks/databricks.yml has them: a test compares the two.
{
  name: "evbilling-batch",
  description: "Bills what the topic has, and ends.",
  max_concurrent_runs: 1,
  timeout_seconds: 14400,
  schedule: {quartz_cron_expression: "0 30 1 * * ?", timezone_id: "UTC", pause_status: "PAUSED"},
  email_notifications: {on_failure: [$email]},
  tasks: [{
    task_key: "bill",
    job_cluster_key: "bill",
    max_retries: 1,
    spark_jar_task: {main_class_name: "org.evbilling.spark.Job", parameters: [$properties, "available-now=true"]},
    libraries: [{jar: $jar}]
  }],
  job_clusters: [{
    job_cluster_key: "bill",
    new_cluster: {
      policy_id: $policy,
      spark_version: "17.3.x-scala2.13",
      node_type_id: "Standard_D4ads_v5",
      data_security_mode: "SINGLE_USER",
      autoscale: {min_workers: 1, max_workers: 4},
      spark_conf: {"spark.redaction.regex": "(?i)secret|password|passphrase|token|jaas|credential|keystore"},
      spark_env_vars: {AZURE_TENANT_ID: $tenant, AZURE_CLIENT_ID: $client, AZURE_CLIENT_SECRET: "{{secrets/evbilling/client-secret}}"},
      custom_tags: {application: "evbilling"}
    }
  }]
}
