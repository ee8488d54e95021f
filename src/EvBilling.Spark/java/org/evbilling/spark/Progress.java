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
        long lag = 0;
        for (SourceProgress source : progress.sources()) {
            String behind = source.metrics().get("maxOffsetsBehindLatest");
            lag += behind == null ? 0 : (long) Double.parseDouble(behind);
        }
        System.out.println(String.format(
            Locale.ROOT, "evbilling-progress {\"batch\":%d,\"rows\":%d,\"rows_per_second\":%.0f,\"lag_max\":%d,%s}",
            progress.batchId(), progress.numInputRows(), finite(progress.processedRowsPerSecond()), lag, batches.figures()));
        System.out.flush();
    }

    @Override
    public void onQueryTerminated(QueryTerminatedEvent event) {
    }

    private static double finite(double rate) {
        return Double.isFinite(rate) ? rate : 0;
    }
}
