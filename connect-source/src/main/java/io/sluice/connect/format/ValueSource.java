package io.sluice.connect.format;

import io.sluice.message.Message;
import java.util.List;
import java.util.Optional;

/**
 * What a value is made of.
 *
 * @param message the message
 * @param id its name
 * @param key the key of its record, if it has one
 * @param metadata values of the route's metadata, in the order of {@link EnvelopeNames#metadata}
 */
public record ValueSource(Message message, MessageId id, Optional<String> key, List<String> metadata) {}
