import org.apache.spark.sql.streaming.StreamingQueryListener;

/** Says how fast each batch was. */
final class BatchRates extends StreamingQueryListener {
    private final String name;

    BatchRates(String name) {
        this.name = name;
    }

    @Override
    public void onQueryStarted(QueryStartedEvent event) {
    }

    @Override
    public void onQueryProgress(QueryProgressEvent event) {
        System.out.printf("%s: batch %d: %d events, %.0f/s, ms %s%n", name, event.progress().batchId(), event.progress().numInputRows(), event.progress().processedRowsPerSecond(), event.progress().durationMs());
    }

    @Override
    public void onQueryTerminated(QueryTerminatedEvent event) {
    }
}
