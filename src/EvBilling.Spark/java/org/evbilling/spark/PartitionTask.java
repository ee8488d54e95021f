package org.evbilling.spark;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.util.LongAccumulator;

/** Brings the records of a part, a partition of the topic or a file, to the kernel, many at a call. */
final class PartitionTask implements VoidFunction<Iterator<InternalRow>> {
    private static final long serialVersionUID = 1;
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int HEADER_BYTES = 24;
    private static final int MICROSECONDS_PER_MILLISECOND = 1_000;

    private final byte[] configuration;
    private final LongAccumulator[] figures;
    private final LongAccumulator read;
    private final TopicRange[] ranges;

    /**
     * @param figures what the kernel has done
     * @param read the records that were read of ranges
     * @param ranges of the topic, one of each task; null: the records come as rows
     */
    PartitionTask(byte[] configuration, LongAccumulator[] figures, LongAccumulator read, TopicRange[] ranges) {
        this.configuration = configuration;
        this.figures = figures;
        this.read = read;
        this.ranges = ranges;
    }

    /** Rows: part, offset (null: the rows of the part are counted), timestamp (null: not known), value. */
    @Override
    public void call(Iterator<InternalRow> rows) {
        if (ranges == null) {
            take(rows);
        } else {
            take(ranges[TaskContext.getPartitionId()]);
        }
    }

    // Spark reads nothing for rows that nobody asks for.
    private void take(TopicRange range) {
        Part part = new Part(UTF8String.fromString(Integer.toString(range.partition())));
        // What the store has is not even read.
        RangeReader.read(range, Math.min(Math.max(range.from(), part.next), range.until()), part::take);
        part.commit();
    }

    private void take(Iterator<InternalRow> rows) {
        Part part = null;
        while (rows.hasNext()) {
            InternalRow row = rows.next();
            UTF8String name = row.getUTF8String(0);
            if (part == null || !part.name.equals(name)) {
                if (part != null) {
                    part.commit();
                }
                part = new Part(name.clone());
            }
            part.take(row);
        }
        if (part != null) {
            part.commit();
        }
    }

    private final class Part {
        final UTF8String name;
        private final byte[] key;
        private final long attempt;
        private final long next;
        private final ByteBuffer records = ByteBuffer.allocateDirect(BUFFER_BYTES);
        private long row;
        private long taken;

        Part(UTF8String name) {
            this.name = name;
            key = name.toString().getBytes(StandardCharsets.UTF_8);
            ByteBuffer begin = Kernel.beginTask(configuration, key);
            attempt = begin.getLong();
            next = begin.getLong();
        }

        void take(InternalRow record) {
            long offset = record.isNullAt(1) ? row++ : record.getLong(1);
            if (offset < next) {
                return;
            }
            long writtenAtMs = record.isNullAt(2) ? 0 : record.getLong(2) / MICROSECONDS_PER_MILLISECOND;
            take(offset, writtenAtMs, record.isNullAt(3) ? null : ByteBuffer.wrap(record.getBinary(3)));
        }

        void take(long offset, long writtenAtMs, ByteBuffer value) {
            int length = value == null ? -1 : value.remaining();
            int kept = Math.min(Math.max(length, 0), Kernel.KEPT_BYTES_MAX);
            if (records.remaining() < HEADER_BYTES + kept) {
                flush();
            }
            records.putLong(offset).putLong(writtenAtMs).putInt(length).putInt(kept);
            if (kept > 0) {
                records.put(value.limit(value.position() + kept));
            }
            taken++;
        }

        void commit() {
            if (records.position() > 0) {
                flush();
            }
            ByteBuffer done = Kernel.commitTask(configuration, key, attempt);
            for (LongAccumulator figure : figures) {
                figure.add(done.getLong());
            }
        }

        private void flush() {
            Kernel.takeRecords(configuration, key, attempt, records);
            records.clear();
            if (ranges != null) {
                read.add(taken);
                TaskContext.get().taskMetrics().inputMetrics().incRecordsRead(taken);
                taken = 0;
            }
        }
    }
}
