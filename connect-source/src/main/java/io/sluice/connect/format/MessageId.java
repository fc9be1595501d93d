package io.sluice.connect.format;

/**
 * Names a message among all that brokers ever received.
 *
 * @param buffer the id of the buffer that holds it
 * @param position its position there
 */
public record MessageId(String buffer, long position) {}
