package org.evbilling.spark;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.Success$;
import org.apache.spark.executor.InputMetrics;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.jdk.javaapi.CollectionConverters;

/** Tells whoever started the batch form how much of its input was read so far, by what tasks report while they run. */
final class Reading extends SparkListener {
    private static final String RECORDS = "internal.metrics.input.recordsRead";
    private static final String BYTES = "internal.metrics.input.bytesRead";

    private final Map<Long, long[]> tasks = new HashMap<>();

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        CollectionConverters.asJava(update.accumUpdates()).forEach(task -> {
            for (AccumulableInfo figure : CollectionConverters.asJava(task._4())) {
                String name = figure.name().isDefined() ? figure.name().get() : "";
                if ((name.equals(RECORDS) || name.equals(BYTES)) && figure.update().isDefined()) {
                    tasks.computeIfAbsent((Long) task._1(), id -> new long[2])[name.equals(RECORDS) ? 0 : 1] = ((Number) figure.update().get()).longValue();
                }
            }
        });
        tell();
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        if (end.taskMetrics() == null || end.reason() != Success$.MODULE$) {
            // Another attempt reads it again.
            tasks.remove(end.taskInfo().taskId());
            return;
        }
        InputMetrics input = end.taskMetrics().inputMetrics();
        tasks.put(end.taskInfo().taskId(), new long[] {input.recordsRead(), input.bytesRead()});
        tell();
    }

    private void tell() {
        long records = 0;
        long bytes = 0;
        for (long[] task : tasks.values()) {
            records += task[0];
            bytes += task[1];
        }
        System.out.println("evbilling-read {\"records_read\":" + records + ",\"bytes_read\":" + bytes + "}");
        System.out.flush();
    }
}
