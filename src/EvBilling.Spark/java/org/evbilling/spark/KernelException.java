package org.evbilling.spark;

/** The kernel's own sentence of what went wrong. */
public final class KernelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    KernelException(String sentence) {
        super(sentence);
    }
}
