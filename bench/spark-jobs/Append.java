import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.lit;

import java.util.Properties;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;

/**
 * The older way of billing finished sessions, a message each: from_json, a flat price a kWh in binary fractions, all of it appended by JDBC as a row. Arguments: servers,
 * topic, checkpoint, records a batch, JDBC URL.
 */
public final class Append {
    private static final String MESSAGE = "charger_id string, charger_type string, start_time timestamp, end_time timestamp, duration_minutes double, "
        + "energy_consumed double, phone_number string, email string";

    public static void main(String[] arguments) throws Exception {
        SparkSession spark = SparkSession.builder().getOrCreate();
        spark.streams().addListener(new BatchRates("append"));
        Properties properties = new Properties();
        properties.setProperty("driver", "org.postgresql.Driver");
        spark.readStream().format("kafka").option("kafka.bootstrap.servers", arguments[0]).option("subscribe", arguments[1]).option("startingOffsets", "earliest")
            .option("maxOffsetsPerTrigger", arguments[3]).load()
            .select(from_json(col("value").cast("string"), MESSAGE, java.util.Map.of()).as("m"))
            .select("m.*").withColumn("total_cost", col("energy_consumed").multiply(lit(0.45)))
            .writeStream().option("checkpointLocation", arguments[2]).trigger(Trigger.AvailableNow())
            .foreachBatch((VoidFunction2<Dataset<Row>, Long>) (rows, batch) -> rows.write().mode("append").jdbc(arguments[4], "sessions_appended", properties))
            .start().awaitTermination();
        spark.stop();
    }
}
