package org.evbilling.spark;

import java.util.Locale;
import org.apache.spark.sql.streaming.SourceProgress;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.apache.spark.sql.streaming.StreamingQueryProgress;

/** Tells whoever started the job how far it is, a line a batch. */
final class Progress extends StreamingQueryListener {
    private final Batches batches;

    Progress(Batches batches) {
        this.batches = batches;
    }

    @Override
    public void onQueryStarted(QueryStartedEvent event) {
    }

    @Override
    public void onQueryProgress(QueryProgressEvent event) {
        StreamingQueryProgress progress = event.progress();
        SourceProgress source = progress.sources()[0];
        String behind = source.metrics().get("maxOffsetsBehindLatest");
        long lag = behind == null ? 0 : (long) Double.parseDouble(behind);
        System.out.println(String.format(
            Locale.ROOT, "evbilling-progress {\"batch\":%d,\"rows\":%d,\"rows_per_second\":%.0f,\"lag_max\":%d,\"took_ms\":%d,\"as_rows\":%d,\"committed\":%s,\"ends\":%s,%s}",
            progress.batchId(), progress.numInputRows(), finite(progress.processedRowsPerSecond()), lag, progress.batchDuration(),
            batches.cameAsRows() ? 1 : 0, source.endOffset(), source.latestOffset(), batches.figures()));
        System.out.flush();
    }

    @Override
    public void onQueryIdle(QueryIdleEvent event) {
        System.out.println("evbilling-idle");
        System.out.flush();
    }

    @Override
    public void onQueryTerminated(QueryTerminatedEvent event) {
    }

    private static double finite(double rate) {
        return Double.isFinite(rate) ? rate : 0;
    }
}
