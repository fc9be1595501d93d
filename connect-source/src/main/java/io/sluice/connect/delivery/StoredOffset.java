package io.sluice.connect.delivery;

import java.util.Optional;

/**
 * A source offset as Kafka Connect holds it.
 *
 * @param position position of the last message that was handed over; -1 for none
 * @param part the {@link RecordPart} of the last of its records that was handed over; absent if all of them were, as an operator may say
 * @param run mark of the attachment that handed it over; absent if an operator set it
 */
public record StoredOffset(long position, Optional<String> part, Optional<String> run) {}
