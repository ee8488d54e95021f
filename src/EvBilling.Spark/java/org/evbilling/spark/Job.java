package org.evbilling.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.security.auth.login.LoginException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Spark's side of EvBilling: reads the topic and hands its records over. Its first argument is a file of properties, as `evbilling spark` writes it; further
 * ones, NAME=VALUE, are properties that win over the file's.
 */
public final class Job {
    private static final String SOURCE_PREFIX = "source.";

    /** Of Kafka's client, whose build by Databricks has it under these names, the newer one first. */
    private static final String CLIENT_LOGIN = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";
    private static final String[] DATABRICKS_CLIENT_LOGINS = {
        "kafkashaded." + CLIENT_LOGIN, "kafkashaded.org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler",
    };

    private Job() {
    }

    public static void main(String[] arguments) throws Exception {
        Properties job = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(arguments[0]), StandardCharsets.UTF_8)) {
            job.load(reader);
        }
        for (String setting : Arrays.asList(arguments).subList(1, arguments.length)) {
            String[] pair = setting.split("=", 2);
            if (pair.length < 2 || !job.containsKey(pair[0])) {
                throw new IllegalArgumentException(setting + " is no NAME=VALUE with a name of " + arguments[0] + "; mend the job's parameters.");
            }
            job.setProperty(pair[0], pair[1]);
        }
        byte[] configuration = job.getProperty("kernel").getBytes(StandardCharsets.UTF_8);
        SparkSession spark = SparkSession.builder().appName("evbilling").getOrCreate();
        boolean isOurs = endsWithInput(job);
        try {
            run(spark, job, configuration);
        } catch (Throwable failure) {
            // The line that matters, for whoever started this.
            System.out.println("evbilling-failure " + sentenceOf(failure));
            System.out.flush();
            if (!isOurs) {
                // A cluster that goes on without this job, as that of Databricks, ends neither its session nor the JVM.
                throw failure;
            }
            spark.stop();
            System.exit(1);
        }
        if (isOurs) {
            spark.stop();
        }
    }

    private static void run(SparkSession spark, Properties job, byte[] configuration) throws Exception {
        boolean isAvailableNow = job.getProperty("available-now").equals("true");
        Batches batches = new Batches(spark, configuration, isAvailableNow);
        batches.review(Kernel.HELD);
        boolean isReprocessed = job.getProperty("reprocess", "false").equals("true");
        if (isReprocessed) {
            reprocess(spark, job, batches);
        } else {
            stream(spark, job, batches, isAvailableNow);
        }
        if (isReprocessed || isAvailableNow) {
            batches.review(Kernel.END);
        }
        System.out.println("evbilling-end {" + batches.figures() + "}");
        System.out.flush();
    }

    private static void stream(SparkSession spark, Properties job, Batches batches, boolean isAvailableNow) throws Exception {
        spark.streams().addListener(new Progress(batches));
        StreamingQuery query = recordsOf(spark.readStream().format("kafka").options(sourceOptions(job)).load()).writeStream().queryName("evbilling")
            .option("checkpointLocation", job.getProperty("checkpoint"))
            .trigger(isAvailableNow ? Trigger.AvailableNow() : Trigger.ProcessingTime(job.getProperty("trigger")))
            .foreachBatch(batches)
            .start();
        if (endsWithInput(job)) {
            endWithInput(query::stop);
        }
        query.awaitTermination();
    }

    // The batch form: all of a topic, or of files, once.
    private static void reprocess(SparkSession spark, Properties job, Batches batches) {
        if (endsWithInput(job)) {
            endWithInput(() -> System.exit(1));
        }
        spark.sparkContext().addSparkListener(new Reading());
        String files = job.getProperty("files");
        batches.call(files == null ? recordsOf(spark.read().format("kafka").options(sourceOptions(job)).load()) : recordsOf(spark, files.split("\n")), 0L);
        System.out.println("evbilling-progress {\"batch\":0," + batches.figures() + "}");
    }

    private static Map<String, String> sourceOptions(Properties job) {
        List<String> parts = new ArrayList<>(List.of(clientLogin(), job.getProperty("secrets", "")));
        for (String name : job.stringPropertyNames()) {
            if (name.startsWith(SOURCE_PREFIX)) {
                parts.add(name.substring(SOURCE_PREFIX.length()));
                parts.add(job.getProperty(name));
            }
        }
        String[] completed = Kernel.sourceOptions(parts.toArray(String[]::new));
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < completed.length; i += 2) {
            options.put(completed[i], completed[i + 1]);
        }
        return options;
    }

    private static String clientLogin() {
        for (String name : DATABRICKS_CLIENT_LOGINS) {
            try {
                return Class.forName(name, false, Thread.currentThread().getContextClassLoader()).getName();
            } catch (ClassNotFoundException e) {
                // The other name, or none of Databricks'.
            }
        }
        return CLIENT_LOGIN;
    }

    private static Dataset<Row> recordsOf(Dataset<Row> topic) {
        return topic.select(col("partition").cast("string"), col("offset"), col("timestamp"), col("value"));
    }

    // A file's rows come in one task and in their order: no file is split, and each has a partition of its own.
    private static Dataset<Row> recordsOf(SparkSession spark, String[] files) {
        String whole = Long.toString(Long.MAX_VALUE / 4);
        spark.conf().set("spark.sql.files.maxPartitionBytes", whole);
        spark.conf().set("spark.sql.files.openCostInBytes", whole);
        spark.conf().set("spark.sql.session.timeZone", "UTC");
        Dataset<Row> rows = spark.read().format(files[0].endsWith(".parquet") ? "parquet" : "text").load(files);
        Column value = Arrays.asList(rows.columns()).contains("value") ? col("value") : to_json(struct(col("*")));
        return rows.select(col("_metadata.file_path"), lit(null).cast("bigint"), lit(null).cast("timestamp"), value.cast("binary"));
    }

    private static boolean endsWithInput(Properties job) {
        return job.getProperty("ends-with-input", "false").equals("true");
    }

    // Whoever has started this keeps its standard input open: the job does not outlive it, however it ended.
    private static void endWithInput(Ending ending) {
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Nothing is said there.
                }
                ending.end();
            } catch (Exception e) {
                System.exit(1);
            }
        }, "input");
        watch.setDaemon(true);
        watch.start();
    }

    private interface Ending {
        void end() throws Exception;
    }

    // The kernel's own sentence where there is one, or that of Kafka's login; else the innermost cause.
    private static String sentenceOf(Throwable failure) {
        Throwable innermost = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof KernelException || cause instanceof LoginException) {
                return oneLine(cause.getMessage());
            }
            innermost = cause;
        }
        // Of an executor's failure there is only the text.
        String message = String.valueOf(failure.getMessage());
        for (Class<?> kind : List.of(KernelException.class, LoginException.class)) {
            int at = message.indexOf(kind.getName() + ": ");
            if (at >= 0) {
                return oneLine(message.substring(at + kind.getName().length() + 2).split("\n")[0]);
            }
        }
        return oneLine(innermost.getClass().getSimpleName() + ": " + innermost.getMessage());
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }
}
