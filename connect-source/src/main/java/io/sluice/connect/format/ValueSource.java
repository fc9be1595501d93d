package io.sluice.connect.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.json.JsonPayload;
import io.sluice.message.Message;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a value is made of.
 *
 * @param key the key of its record, if it has one of text
 * @param metadata values of the route's metadata, in the order of {@link EnvelopeNames#metadata}
 * @param json the payload as JSON, parsed at most once
 * @param names what the metrics of Sparkplug B stand for that it refers to by aliases
 */
public record ValueSource(
        Message message,
        MessageId id,
        Optional<String> key,
        List<String> metadata,
        Supplier<JsonPayload> json,
        AliasNames names) {

    JsonNode root() throws UnmappableException {
        return json.get()
                .root()
                .orElseThrow(() ->
                        new UnmappableException("its payload is not JSON, which value.format=json" + " requires"));
    }
}
