package io.sluice.broker.door.transport;

import io.netty.buffer.ByteBuf;
import io.sluice.broker.packet.Reason;

/**
 * Checks by its bytes whether a client may send a packet (MQTT 5 section 2). The decoder does not: it keeps the last of
 * two properties that must come once, drops reserved bits, and takes any number for a reason code.
 *
 * <p>Not thread-safe; for one packet.
 */
final class FrameCheck {

    private static final int CONNECT = 1;
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int PUBREC = 5;
    private static final int PUBREL = 6;
    private static final int PUBCOMP = 7;
    private static final int SUBSCRIBE = 8;
    private static final int UNSUBSCRIBE = 10;
    private static final int PINGREQ = 12;
    private static final int DISCONNECT = 14;
    private static final int AUTH = 15;

    private static final int QOS = 0x06;
    private static final int WILL_FLAG = 0x04;
    private static final int OF_A_WILL = 0x38;
    private static final int RESERVED_OF_CONNECT = 0x01;
    private static final int MAXIMUM_QOS = 0x03;
    private static final int RETAIN_HANDLING = 0x30;
    private static final int RESERVED_OF_OPTIONS = 0xC0;
    private static final int RESERVED_OF_OPTIONS_3 = 0xFC;

    private static final int SUBSCRIPTION_IDENTIFIER = 0x0B;
    private static final int USER_PROPERTY = 0x26;

    /** Sets of properties (section 2.2.2.2): the bit that an identifier counts, all of which are below 64. */
    private static final long REPEATED = set(SUBSCRIPTION_IDENTIFIER, USER_PROPERTY);

    private static final long FLAGS = set(0x01, 0x17, 0x19);
    private static final long TWO_BYTES = set(0x21, 0x22, 0x23);
    private static final long FOUR_BYTES = set(0x02, 0x11, 0x18, 0x27);
    private static final long OF_CONNECT = set(0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, USER_PROPERTY, 0x27);
    private static final long OF_WILL = set(0x01, 0x02, 0x03, 0x08, 0x09, 0x18, USER_PROPERTY);
    private static final long OF_PUBLISH =
            set(0x01, 0x02, 0x03, 0x08, 0x09, SUBSCRIPTION_IDENTIFIER, 0x23, USER_PROPERTY);
    private static final long OF_SUBSCRIBE = set(SUBSCRIPTION_IDENTIFIER, USER_PROPERTY);
    private static final long OF_UNSUBSCRIBE = set(USER_PROPERTY);
    private static final long OF_ACKNOWLEDGEMENT = set(0x1F, USER_PROPERTY);
    private static final long OF_DISCONNECT = set(0x11, 0x1F, USER_PROPERTY);
    private static final long OF_AUTH = set(0x15, 0x16, 0x1F, USER_PROPERTY);

    private final ByteBuf in;
    private final int end;
    private int at;

    private FrameCheck(ByteBuf in, int start, int length) {
        this.in = in;
        this.at = start;
        this.end = start + length;
    }

    private static long set(int... identifiers) {
        long set = 0;
        for (int identifier : identifiers) {
            set |= 1L << identifier;
        }
        return set;
    }

    private static boolean contains(long set, int identifier) {
        return identifier < Long.SIZE && (set >>> identifier & 1) == 1;
    }

    /**
     * {@link Reason#SUCCESS}, or why no packet of a client after CONNECT may begin with this byte.
     *
     * @param mayAuthenticate whether CONNECT has named an authentication method
     */
    static Reason checkFirst(int firstByte, boolean mayAuthenticate) {
        int flags = firstByte & 0x0F;
        return switch (firstByte >> 4) {
            case PUBLISH -> Reason.SUCCESS;
            // [MQTT-2.1.3-1]
            case PUBREL, SUBSCRIBE, UNSUBSCRIBE -> flags == 0x02 ? Reason.SUCCESS : Reason.MALFORMED_PACKET;
            case PUBACK, PUBREC, PUBCOMP, PINGREQ, DISCONNECT -> flags == 0 ? Reason.SUCCESS : Reason.MALFORMED_PACKET;
            case 0 -> Reason.MALFORMED_PACKET;
            // [MQTT-4.12.0-6], [MQTT-3.15.1-1]
            case AUTH ->
                !mayAuthenticate ? Reason.PROTOCOL_ERROR : flags == 0 ? Reason.SUCCESS : Reason.MALFORMED_PACKET;
            // [MQTT-3.1.0-2], and what only a server sends
            default -> Reason.PROTOCOL_ERROR;
        };
    }

    /**
     * {@link Reason#SUCCESS}, or why a packet is malformed.
     *
     * @param start where its variable header begins
     * @param length its remaining length, in bytes
     */
    static Reason check(int firstByte, ByteBuf in, int start, int length, boolean mqtt5) {
        FrameCheck packet = new FrameCheck(in, start, length);
        return switch (firstByte >> 4) {
            case CONNECT -> packet.connect(mqtt5);
            case SUBSCRIBE -> packet.subscribe(mqtt5);
            default -> mqtt5 ? packet.ofMqtt5(firstByte) : Reason.SUCCESS;
        };
    }

    private Reason ofMqtt5(int firstByte) {
        return switch (firstByte >> 4) {
            case PUBLISH -> {
                skipText();
                if ((firstByte & QOS) != 0) {
                    number(2);
                }
                yield properties(OF_PUBLISH);
            }
            case UNSUBSCRIBE -> {
                number(2);
                yield properties(OF_UNSUBSCRIBE);
            }
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> {
                number(2);
                yield reasonAndProperties(firstByte >> 4, OF_ACKNOWLEDGEMENT);
            }
            case DISCONNECT -> reasonAndProperties(DISCONNECT, OF_DISCONNECT);
            case AUTH -> reasonAndProperties(AUTH, OF_AUTH);
            default -> Reason.SUCCESS;
        };
    }

    private Reason connect(boolean mqtt5) {
        skipText();
        number(1);
        int flags = number(1);
        number(2);
        if ((flags & RESERVED_OF_CONNECT) != 0 || ((flags & WILL_FLAG) == 0 && (flags & OF_A_WILL) != 0)) {
            // [MQTT-3.1.2-3], [MQTT-3.1.2-11], [MQTT-3.1.2-13]
            return Reason.MALFORMED_PACKET;
        }
        Reason reason = mqtt5 ? properties(OF_CONNECT) : Reason.SUCCESS;
        if (mqtt5 && reason == Reason.SUCCESS && (flags & WILL_FLAG) != 0) {
            skipText();
            reason = properties(OF_WILL);
        }
        return reason;
    }

    private Reason subscribe(boolean mqtt5) {
        number(2);
        Reason reason = mqtt5 ? properties(OF_SUBSCRIBE) : Reason.SUCCESS;
        while (reason == Reason.SUCCESS && at < end) {
            skipText();
            int options = number(1);
            if ((options & (mqtt5 ? RESERVED_OF_OPTIONS : RESERVED_OF_OPTIONS_3)) != 0) {
                // [MQTT-3.8.3-5], [MQTT-3-8.3-4] of 3.1.1
                reason = Reason.MALFORMED_PACKET;
            } else if ((options & MAXIMUM_QOS) == MAXIMUM_QOS || (options & RETAIN_HANDLING) == RETAIN_HANDLING) {
                // Section 3.8.3.1
                reason = Reason.PROTOCOL_ERROR;
            }
        }
        return reason;
    }

    private Reason reasonAndProperties(int type, long allowed) {
        if (at < end && !isReason(type, number(1))) {
            return Reason.PROTOCOL_ERROR;
        }
        return at < end ? properties(allowed) : Reason.SUCCESS;
    }

    /** Sections 3.4.2.1, 3.5.2.1, 3.6.2.1, 3.7.2.1, 3.14.2.1 and 3.15.2.1: the reason codes that a client may send. */
    private static boolean isReason(int type, int code) {
        return switch (code) {
            case 0x00 -> true;
            case 0x04, 0x81, 0x82, 0x93, 0x94, 0x95, 0x96, 0x98 -> type == DISCONNECT;
            case 0x10, 0x87, 0x91 -> type == PUBACK || type == PUBREC;
            case 0x80, 0x83, 0x90, 0x97, 0x99 -> type == PUBACK || type == PUBREC || type == DISCONNECT;
            case 0x18, 0x19 -> type == AUTH;
            case 0x92 -> type == PUBREL || type == PUBCOMP;
            default -> false;
        };
    }

    private Reason properties(long allowed) {
        int until = variableNumber();
        until += at;
        long seen = 0;
        while (at < until && until <= end) {
            int identifier = number(1);
            if (!contains(allowed, identifier)) {
                return Reason.MALFORMED_PACKET;
            }
            if (contains(seen, identifier) && !contains(REPEATED, identifier)) {
                return Reason.PROTOCOL_ERROR;
            }
            seen |= 1L << identifier;
            if (contains(FLAGS, identifier)) {
                if (number(1) > 1) {
                    return Reason.PROTOCOL_ERROR;
                }
            } else {
                skip(identifier);
            }
        }
        return at == until && until <= end ? Reason.SUCCESS : Reason.MALFORMED_PACKET;
    }

    private void skip(int identifier) {
        if (contains(TWO_BYTES, identifier)) {
            number(2);
        } else if (contains(FOUR_BYTES, identifier)) {
            number(4);
        } else if (identifier == SUBSCRIPTION_IDENTIFIER) {
            variableNumber();
        } else {
            skipText();
            if (identifier == USER_PROPERTY) {
                skipText();
            }
        }
    }

    private void skipText() {
        int length = number(2);
        at += length;
    }

    /** A number of so many bytes; those beyond the packet's end count as 0. */
    private int number(int bytes) {
        int value = 0;
        for (int i = 0; i < bytes; i++, at++) {
            value = value << 8 | (at < end ? in.getUnsignedByte(at) : 0);
        }
        return value;
    }

    /** Section 1.5.5; if it is longer than it may be, the packet has no end. */
    private int variableNumber() {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int digit = number(1);
            value |= (digit & 0x7F) << shift;
            if (digit < 0x80) {
                return value;
            }
        }
        at = end + 1;
        return 0;
    }
}
