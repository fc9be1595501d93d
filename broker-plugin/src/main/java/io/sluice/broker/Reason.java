package io.sluice.broker;

/** The MQTT 5 reason codes that the front door answers with (section 2.4). */
enum Reason {
    SUCCESS(0x00),
    MALFORMED_PACKET(0x81),
    PROTOCOL_ERROR(0x82),
    NOT_AUTHORIZED(0x87),
    TOPIC_FILTER_INVALID(0x8F),
    TOPIC_NAME_INVALID(0x90),
    PACKET_IDENTIFIER_NOT_FOUND(0x92),
    RECEIVE_MAXIMUM_EXCEEDED(0x93),
    TOPIC_ALIAS_INVALID(0x94),
    PACKET_TOO_LARGE(0x95),
    QUOTA_EXCEEDED(0x97),
    PAYLOAD_FORMAT_INVALID(0x99),
    SHARED_SUBSCRIPTIONS_NOT_SUPPORTED(0x9E);

    private final byte code;

    Reason(int code) {
        this.code = (byte) code;
    }

    /** The reason code on the wire. */
    byte code() {
        return code;
    }
}
