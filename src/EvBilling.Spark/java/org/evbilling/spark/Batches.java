package org.evbilling.spark;

import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;

/** Hands each micro-batch over, a task for each of the topic's partitions, and now and then has the close policy looked at. */
final class Batches implements VoidFunction2<Dataset<Row>, Long> {
    private static final long serialVersionUID = 1;
    private static final long REVIEW_EVERY_NS = TimeUnit.MINUTES.toNanos(1);

    private final byte[] configuration;
    private final boolean isAvailableNow;
    private final long[] done = new long[Kernel.FIGURES.length];
    private long reviewedAt = System.nanoTime();

    Batches(byte[] configuration, boolean isAvailableNow) {
        this.configuration = configuration;
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
        records.queryExecution().toRdd().toJavaRDD().foreachPartition(new PartitionTask(configuration, figures));
        synchronized (done) {
            for (int i = 0; i < figures.length; i++) {
                done[i] += figures[i].value();
            }
        }
        if (!isAvailableNow && System.nanoTime() - reviewedAt >= REVIEW_EVERY_NS) {
            Kernel.reviewSessions(configuration, Kernel.FLOWING);
            reviewedAt = System.nanoTime();
        }
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
