package org.evbilling.spark;

import java.util.HashMap;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.spark.Dependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.v2.DataSourceRDD;
import org.apache.spark.sql.execution.datasources.v2.DataSourceRDDPartition;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.streaming.StreamingQueryWrapper;
import org.apache.spark.sql.kafka010.KafkaBatchInputPartition;
import org.apache.spark.sql.streaming.StreamingQuery;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Spark's inner side of its Kafka source: which offsets a batch has, so that tasks read them with Kafka's consumer themselves, at a fraction of what a row of
 * Spark's costs. Another build of Spark may have none of these classes: using this one is then a LinkageError.
 */
final class TopicRanges {
    private static final String ROWS = "numOutputRows";

    private TopicRanges() {
    }

    /** By the number of each task; null: the rows come from elsewhere, or another build of Kafka's client reads them. */
    static TopicRange[] of(RDD<?> rows) {
        RDD<?> at = rows;
        while (!(at instanceof DataSourceRDD)) {
            List<? extends Dependency<?>> on = CollectionConverters.asJava(at.dependencies());
            if (on.size() != 1 || !(on.get(0) instanceof OneToOneDependency)) {
                return null;
            }
            at = on.get(0).rdd();
        }
        Partition[] partitions = at.partitions();
        TopicRange[] ranges = new TopicRange[partitions.length];
        for (int i = 0; i < ranges.length; i++) {
            List<InputPartition> inputs = CollectionConverters.asJava(((DataSourceRDDPartition) partitions[i]).inputPartitions());
            if (inputs.size() != 1 || !(inputs.get(0) instanceof KafkaBatchInputPartition input)
                || !ByteArrayDeserializer.class.getName().equals(input.executorKafkaParams().get(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG))) {
                return null;
            }
            ranges[i] = new TopicRange(
                input.offsetRange().topic(), input.offsetRange().partition(), input.offsetRange().fromOffset(), input.offsetRange().untilOffset(),
                new HashMap<>(input.executorKafkaParams()), input.pollTimeoutMs(), input.failOnDataLoss());
        }
        return ranges;
    }

    /** Tells Spark how many records its batch had, whose pages and listeners know only of rows that were taken from it. */
    static void tell(SparkSession spark, long records) {
        for (StreamingQuery query : spark.streams().active()) {
            if (query instanceof StreamingQueryWrapper wrapper) {
                for (SparkPlan leaf : CollectionConverters.asJava(wrapper.streamingQuery().lastExecution().executedPlan().collectLeaves())) {
                    Option<SQLMetric> rows = leaf.metrics().get(ROWS);
                    if (rows.isDefined()) {
                        rows.get().add(records);
                    }
                }
            }
        }
    }
}
