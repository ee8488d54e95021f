import static org.apache.spark.sql.functions.col;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;

/**
 * What Spark alone costs: the same source and micro-batches, each record touched and dropped. Arguments: servers, topic, checkpoint, records a batch, and options
 * of the source as NAME=VALUE.
 */
public final class Idle {
    public static void main(String[] arguments) throws Exception {
        SparkSession spark = SparkSession.builder().getOrCreate();
        spark.streams().addListener(new BatchRates("idle"));
        Map<String, String> options = new HashMap<>();
        for (int i = 4; i < arguments.length; i++) {
            options.put(arguments[i].split("=")[0], arguments[i].split("=")[1]);
        }
        spark.readStream().format("kafka").options(options).option("kafka.bootstrap.servers", arguments[0]).option("subscribe", arguments[1]).option("startingOffsets", "earliest")
            .option("kafka.isolation.level", "read_committed").option("maxOffsetsPerTrigger", arguments[3]).load()
            .select(col("partition").cast("string"), col("offset"), col("timestamp"), col("value"))
            .writeStream().option("checkpointLocation", arguments[2]).trigger(Trigger.AvailableNow())
            .foreachBatch((VoidFunction2<Dataset<Row>, Long>) (records, batch) -> records.queryExecution().toRdd().toJavaRDD().foreachPartition(rows -> {
                long bytes = 0;
                while (rows.hasNext()) {
                    var row = rows.next();
                    bytes += row.isNullAt(3) ? 0 : row.getBinary(3).length + row.getLong(1);
                }
                if (bytes == 1) {
                    throw new IllegalStateException();
                }
            }))
            .start().awaitTermination();
        spark.stop();
    }
}
