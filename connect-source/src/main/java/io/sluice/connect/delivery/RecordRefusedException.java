package io.sluice.connect.delivery;

/** Kafka, a converter or a transformation refused a record after it was handed over; the message says what is known. */
final class RecordRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Without a stack trace: it is not thrown where the fault is. */
    RecordRefusedException(String message) {
        super(message, null, false, false);
    }
}
