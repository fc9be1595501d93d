package io.sluice.connect.route;

/**
 * A record cannot be made before Kafka has answered a question; the message says which, in a sentence for the operator.
 */
public final class NotNowException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String topic;

    /** Without a stack trace: it comes with every poll until Kafka answers. */
    public NotNowException(String topic, String message) {
        super(message, null, false, false);
        this.topic = topic;
    }

    public String topic() {
        return topic;
    }
}
