package org.evbilling.spark;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.LongAccumulator;

/** Hands each micro-batch over, a task for each of the topic's partitions, and now and then has the close policy looked at. */
final class Batches implements VoidFunction2<Dataset<Row>, Long> {
    private static final long serialVersionUID = 1;
    private static final long REVIEW_EVERY_NS = TimeUnit.MINUTES.toNanos(1);

    /** A setting of Spark's: records are not read with Kafka's consumer, but come as rows of Spark's. */
    private static final String READS_ROWS = "spark.evbilling.readRows";

    private static final String DELEGATION = "spark.kafka.clusters.";
    private static final List<String> NAMES = List.of(Kernel.FIGURES);

    private final transient SparkSession spark;
    private final byte[] configuration;
    private final boolean readsRows;
    private final boolean isAvailableNow;
    private final long[] done = new long[Kernel.FIGURES.length];
    private long reviewedAt = System.nanoTime();
    private volatile boolean cameAsRows;

    Batches(SparkSession spark, byte[] configuration, boolean isAvailableNow) {
        this.spark = spark;
        this.configuration = configuration;
        String stated = spark.conf().get(READS_ROWS, "false");
        if (!stated.equals("true") && !stated.equals("false")) {
            throw new KernelException(READS_ROWS + " is " + stated + "; give true or false.");
        }
        // Tokens of Spark's own for Kafka are given to its own consumers alone.
        readsRows = stated.equals("true") || spark.sparkContext().getConf().getAllWithPrefix(DELEGATION).length > 0;
        this.isAvailableNow = isAvailableNow;
    }

    @Override
    public void call(Dataset<Row> records, Long batch) {
        SparkContext context = records.sparkSession().sparkContext();
        LongAccumulator[] figures = new LongAccumulator[Kernel.FIGURES.length];
        for (int i = 0; i < figures.length; i++) {
            figures[i] = new LongAccumulator();
            context.register(figures[i], Kernel.FIGURES[i]);
        }
        LongAccumulator read = context.longAccumulator("records read");
        RDD<InternalRow> rows = records.queryExecution().toRdd();
        TopicRange[] ranges = rangesOf(rows);
        cameAsRows = ranges == null;
        rows.toJavaRDD().foreachPartition(new PartitionTask(configuration, figures, read, ranges));
        if (ranges != null) {
            tell(read.value());
        }
        synchronized (done) {
            for (int i = 0; i < figures.length; i++) {
                done[i] += figures[i].value();
            }
        }
        if (!isAvailableNow && System.nanoTime() - reviewedAt >= REVIEW_EVERY_NS) {
            review(Kernel.FLOWING);
            reviewedAt = System.nanoTime();
        }
    }

    // Where Spark or Kafka's client are of another build, as that of Databricks, the records come as rows of Spark's.
    private TopicRange[] rangesOf(RDD<InternalRow> rows) {
        try {
            return readsRows ? null : TopicRanges.of(rows);
        } catch (LinkageError e) {
            return null;
        }
    }

    // Where Spark's inner side is another in this too, its pages know of no records.
    private void tell(long records) {
        try {
            TopicRanges.tell(spark, records);
        } catch (LinkageError e) {
            return;
        }
    }

    /** Has sessions looked at that no event came for, and counts the bills that were written so. */
    void review(int kind) {
        long written = Kernel.reviewSessions(configuration, kind);
        synchronized (done) {
            done[NAMES.indexOf("versions_written")] += written;
        }
    }

    /** Whether the last batch's records came as rows of Spark's. */
    boolean cameAsRows() {
        return cameAsRows;
    }

    /** What was done so far, as members of a JSON object. */
    String figures() {
        StringBuilder members = new StringBuilder();
        synchronized (done) {
            for (int i = 0; i < Kernel.FIGURES.length; i++) {
                members.append(i == 0 ? "" : ",").append('"').append(Kernel.FIGURES[i]).append("\":").append(done[i]);
            }
        }
        return members.toString();
    }
}
