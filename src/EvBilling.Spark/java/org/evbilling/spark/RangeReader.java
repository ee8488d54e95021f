package org.evbilling.spark;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/** Reads one partition of a topic. Between two batches it is kept, with what it has fetched ahead. */
final class RangeReader {
    private static final Map<Key, RangeReader> KEPT = new HashMap<>();
    private static final int KEPT_MAX = 64;
    private static final long KEPT_NS_MAX = TimeUnit.MINUTES.toNanos(5);
    private static final int POLL_RECORDS_MAX = 2_000;

    /** As often as this a task that waits looks whether it is to end. */
    private static final Duration POLL = Duration.ofSeconds(1);

    private final TopicPartition partition;
    private final KafkaConsumer<ByteBuffer, ByteBuffer> consumer;
    private long keptAt;

    /** The first offset that was not handed on; what was fetched of those from there on, from a place in it on; the offset after it. */
    private long next = -1;
    private List<ConsumerRecord<ByteBuffer, ByteBuffer>> polled = List.of();
    private int at;
    private long after;

    private RangeReader(TopicRange range) {
        partition = new TopicPartition(range.topic(), range.partition());
        Map<String, Object> settings = new HashMap<>(range.client());
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class.getName());
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class.getName());
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS_MAX);
        consumer = new KafkaConsumer<>(settings);
        consumer.assign(List.of(partition));
    }

    interface Taker {
        /** @param value null: the record has none; valid during the call. */
        void take(long offset, long writtenAtMs, ByteBuffer value);
    }

    /** Hands on the records of a range in their order, those from an offset on. */
    static void read(TopicRange range, long from, Taker taker) {
        Key key = new Key(range.client(), range.topic(), range.partition());
        RangeReader reader = take(key);
        if (reader == null) {
            reader = new RangeReader(range);
        }
        try {
            reader.hand(range, from, taker);
        } catch (Throwable failure) {
            reader.close();
            throw failure;
        }
        keep(key, reader);
    }

    private void hand(TopicRange range, long from, Taker taker) {
        if (from != next) {
            seek(from);
        }
        while (next < range.until()) {
            if (at == polled.size() && after <= next) {
                poll(range);
            }
            while (at < polled.size() && polled.get(at).offset() < range.until()) {
                ConsumerRecord<ByteBuffer, ByteBuffer> record = polled.get(at++);
                taker.take(record.offset(), record.timestamp(), record.value());
            }
            // Offsets without a record, as those of a transaction's end, are passed over.
            next = at < polled.size() ? range.until() : Math.min(after, range.until());
        }
    }

    private void seek(long offset) {
        consumer.seek(partition, offset);
        next = offset;
        after = offset;
        polled = List.of();
        at = 0;
    }

    private void poll(TopicRange range) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(range.pollTimeoutMs());
        do {
            if (TaskContext.get().isInterrupted()) {
                throw new TaskKilledException("the batch was given up");
            }
            try {
                ConsumerRecords<ByteBuffer, ByteBuffer> records = consumer.poll(POLL);
                polled = records.records(partition);
                at = 0;
                after = Math.max(polled.isEmpty() ? next : polled.get(polled.size() - 1).offset() + 1, position());
                if (after > next) {
                    return;
                }
            } catch (OffsetOutOfRangeException e) {
                long first = consumer.beginningOffsets(List.of(partition)).get(partition);
                if (first <= next) {
                    throw new KernelException(
                        name() + ": it ends before offset " + next + ", where the batch goes on; the topic was made anew, or a broker has lost records. Look at docs/kafka.md for a topic that was made anew.");
                }
                if (range.failsOnLoss()) {
                    throw new KernelException(
                        name() + ": the records " + next + " to " + (first - 1) + " were deleted before they were read; their events are missing from bills unless they come again. Lengthen the topic's retention; "
                            + "then let evbilling run --accept-gap go on behind them on the same store, which counts them, and start this job again.");
                }
                seek(first);
                return;
            }
        } while (System.nanoTime() - end < 0);
        throw new KernelException(
            name() + ": no record from offset " + next + " on came within " + range.pollTimeoutMs() + " ms; see that the brokers can be reached from where tasks run, and start this job again.");
    }

    // Where it is not known at once, what was polled is not to be lost for that: the next poll tells.
    private long position() {
        try {
            return consumer.position(partition, Duration.ZERO);
        } catch (TimeoutException | OffsetOutOfRangeException e) {
            return next;
        }
    }

    private String name() {
        return "Partition " + partition.partition() + " of the topic " + partition.topic();
    }

    private void close() {
        try {
            consumer.close(Duration.ZERO);
        } catch (KafkaException e) {
            // It is no longer needed, or another exception says why; the brokers end a connection that nobody uses.
        }
    }

    private static RangeReader take(Key key) {
        synchronized (KEPT) {
            return KEPT.remove(key);
        }
    }

    // Where they are too many, those that came first stay: partitions come in the same order again.
    private static void keep(Key key, RangeReader reader) {
        List<RangeReader> surplus = new ArrayList<>();
        reader.keptAt = System.nanoTime();
        synchronized (KEPT) {
            KEPT.values().removeIf(kept -> reader.keptAt - kept.keptAt > KEPT_NS_MAX && surplus.add(kept));
            if (KEPT.size() < KEPT_MAX) {
                RangeReader other = KEPT.put(key, reader);
                if (other != null) {
                    surplus.add(other);
                }
            } else {
                surplus.add(reader);
            }
        }
        surplus.forEach(RangeReader::close);
    }

    private record Key(Map<String, Object> client, String topic, int partition) {
    }
}
