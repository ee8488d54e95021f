package org.evbilling.spark;

import java.io.Serializable;
import java.util.Map;

/**
 * What a task reads of a partition of the topic.
 *
 * @param from the first offset
 * @param until the first that is not read
 * @param client the settings of Kafka's consumer
 * @param pollTimeoutMs how long an answer of the brokers is waited for
 * @param failsOnLoss whether records that are gone end the job, else they are passed over
 */
record TopicRange(String topic, int partition, long from, long until, Map<String, Object> client, long pollTimeoutMs, boolean failsOnLoss) implements Serializable {
}
