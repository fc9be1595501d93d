package io.sluice.connect.format;

import java.util.List;

/**
 * The names that envelopes tell.
 *
 * @param metadata what the values of {@link ValueSource#metadata} are called, in their order
 */
public record EnvelopeNames(String connector, String broker, List<String> metadata) {

    public EnvelopeNames {
        metadata = List.copyOf(metadata);
    }
}
