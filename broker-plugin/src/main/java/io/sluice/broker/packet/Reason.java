package io.sluice.broker.packet;

/** The MQTT 5 reason codes that the broker answers with (section 2.4). */
public enum Reason {
    SUCCESS(0x00),
    UNSPECIFIED_ERROR(0x80),
    MALFORMED_PACKET(0x81),
    PROTOCOL_ERROR(0x82),
    UNSUPPORTED_PROTOCOL_VERSION(0x84, 0x01),
    CLIENT_IDENTIFIER_NOT_VALID(0x85, 0x02),
    BAD_USER_NAME_OR_PASSWORD(0x86, 0x04),
    NOT_AUTHORIZED(0x87, 0x05),
    SERVER_UNAVAILABLE(0x88, 0x03),
    SERVER_BUSY(0x89, 0x03),
    SERVER_SHUTTING_DOWN(0x8B),
    BAD_AUTHENTICATION_METHOD(0x8C),
    SESSION_TAKEN_OVER(0x8E),
    TOPIC_FILTER_INVALID(0x8F),
    TOPIC_NAME_INVALID(0x90),
    PACKET_IDENTIFIER_NOT_FOUND(0x92),
    RECEIVE_MAXIMUM_EXCEEDED(0x93),
    TOPIC_ALIAS_INVALID(0x94),
    PACKET_TOO_LARGE(0x95),
    QUOTA_EXCEEDED(0x97, 0x03),
    ADMINISTRATIVE_ACTION(0x98),
    PAYLOAD_FORMAT_INVALID(0x99),
    CONNECTION_RATE_EXCEEDED(0x9F, 0x03);

    /** The return code of MQTT 3.1.1 for reasons that it does not know (section 3.2.2.3). */
    private static final int NOT_AUTHORIZED_3 = 0x05;

    private final byte code;
    private final byte returnCode;

    Reason(int code) {
        this(code, NOT_AUTHORIZED_3);
    }

    Reason(int code, int returnCode) {
        this.code = (byte) code;
        this.returnCode = (byte) returnCode;
    }

    public byte code() {
        return code;
    }

    /** The return code with which CONNACK says it to an MQTT 3 client. */
    public byte returnCode() {
        return returnCode;
    }
}
