package org.evbilling.spark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The C# kernel, a native library that the jar carries. All rules are there. */
final class Kernel {
    /** As ReviewKind has them. */
    static final int HELD = 0;

    static final int FLOWING = 1;
    static final int END = 2;

    /** More of a value need not be passed on. */
    static final int KEPT_BYTES_MAX;

    /** The names of what a task has done. */
    static final String[] FIGURES;

    static {
        load();
        KEPT_BYTES_MAX = start();
        FIGURES = StandardCharsets.UTF_8.decode(answerOf(figures())).toString().split(",");
    }

    private Kernel() {
    }

    /** {attempt, next offset according to the store}. */
    static ByteBuffer beginTask(byte[] configuration, byte[] part) {
        return answerOf(begin(configuration, part));
    }

    static void takeRecords(byte[] configuration, byte[] part, long attempt, ByteBuffer records) {
        answerOf(take(configuration, part, attempt, records, records.position()));
    }

    /** A number for each of FIGURES. */
    static ByteBuffer commitTask(byte[] configuration, byte[] part, long attempt) {
        return answerOf(commit(configuration, part, attempt));
    }

    /** How many versions of bills were written. */
    static long reviewSessions(byte[] configuration, int kind) {
        return answerOf(review(configuration, kind)).getLong();
    }

    /** Names and values of the Kafka source's options, completed for where this runs. */
    static String[] sourceOptions(String... parts) {
        return StandardCharsets.UTF_8.decode(answerOf(source(String.join("\0", parts).getBytes(StandardCharsets.UTF_8)))).toString().split("\0", -1);
    }

    /** {when it expires, in milliseconds since 1970 (8 bytes), the token}. */
    static ByteBuffer tokenFor(byte[] scope) {
        return answerOf(token(scope));
    }

    private static native int start();

    private static native byte[] figures();

    private static native byte[] begin(byte[] configuration, byte[] part);

    private static native byte[] take(byte[] configuration, byte[] part, long attempt, ByteBuffer records, int length);

    private static native byte[] commit(byte[] configuration, byte[] part, long attempt);

    private static native byte[] review(byte[] configuration, int kind);

    private static native byte[] source(byte[] parts);

    private static native byte[] token(byte[] scope);

    private static ByteBuffer answerOf(byte[] answer) {
        if (answer[0] != 0) {
            throw new KernelException(new String(answer, 1, answer.length - 1, StandardCharsets.UTF_8));
        }
        return ByteBuffer.wrap(answer, 1, answer.length - 1);
    }

    // Each class loader needs a file of its own: the JVM loads none twice. EVBILLING_SPARK_NATIVE names a copy where temporary folders may not hold programs.
    private static void load() {
        String copy = System.getenv("EVBILLING_SPARK_NATIVE");
        if (copy != null && !copy.isEmpty()) {
            System.load(copy);
            return;
        }
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "linux-arm64" : "linux-x64";
        try (InputStream library = Kernel.class.getResourceAsStream("/native/" + architecture + "/EvBilling.Spark.so")) {
            if (library == null) {
                throw new KernelException("The jar has no native library for " + architecture + "; build it there, or take one that has.");
            }
            Path file = Files.createTempFile("evbilling-", ".so");
            try {
                Files.copy(library, file, StandardCopyOption.REPLACE_EXISTING);
                System.load(file.toString());
            } finally {
                // Loaded, it is no longer needed by its name.
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new KernelException("The native library could not be unpacked: " + e.getMessage());
        }
    }
}
