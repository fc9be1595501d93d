package io.sluice.assembly;

/** What a message of the soak is, and what is to become of it. */
enum SoakKind {
    RAW("raw", Fate.RECORD, 100),
    JSON("json", Fate.RECORD, 100),
    NOT_JSON("json", Fate.DEAD_LETTER, 100),
    NAMED("named/hall", Fate.RECORD, 100),
    NAME_NOT_ALLOWED("named/NOT-ALLOWED", Fate.DEAD_LETTER, 100),
    TOO_LARGE("raw", Fate.DEAD_LETTER, 30_000),
    RULE_TAKES("rule", Fate.RECORD, 100),
    RULE_LEAVES_OUT("rule", Fate.NOTHING, 100),
    NOT_WANTED("else", Fate.NOTHING, 100),
    NOT_AUTHORIZED("closed", Fate.REFUSED, 100),
    /** Kafka refuses it while the limit of its topic is low. */
    SIZED("sized", Fate.RECORD_OR_DEAD_LETTER, 6_000),
    /** Its Kafka topic is deleted now and then. */
    DELETED("gone", Fate.RECORD_OR_DELETED, 100);

    private final String topic;
    private final Fate fate;
    private final int payloadBytes;

    /** What is to become of a message that is acknowledged. */
    enum Fate {
        RECORD,
        DEAD_LETTER,
        RECORD_OR_DEAD_LETTER,
        /** A record, or it was in Kafka, or on the way there, when the topic was deleted. */
        RECORD_OR_DELETED,
        NOTHING,
        /** It is not acknowledged: the publisher is told why. */
        REFUSED
    }

    SoakKind(String topic, Fate fate, int payloadBytes) {
        this.topic = topic;
        this.fate = fate;
        this.payloadBytes = payloadBytes;
    }

    /** What its topics begin with. */
    String topic() {
        return topic;
    }

    Fate fate() {
        return fate;
    }

    int payloadBytes() {
        return payloadBytes;
    }
}
