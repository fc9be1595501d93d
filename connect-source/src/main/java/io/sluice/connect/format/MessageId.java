package io.sluice.connect.format;

import java.util.OptionalInt;

/**
 * Names a message among all that brokers ever received.
 *
 * @param buffer the id of the buffer that holds it
 * @param element which element of its payload is meant, counted from 0; absent: the payload as a whole
 */
public record MessageId(String buffer, long position, OptionalInt element) {

    public MessageId(String buffer, long position) {
        this(buffer, position, OptionalInt.empty());
    }

    public MessageId ofElement(int number) {
        return new MessageId(buffer, position, OptionalInt.of(number));
    }
}
