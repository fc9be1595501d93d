package io.sluice.connect.format;

import io.sluice.connect.format.schema.LearntSchema;
import io.sluice.connect.format.schema.PayloadSchema;
import io.sluice.connect.format.schema.ProtobufSchema;
import java.util.List;
import java.util.Optional;

/**
 * The options of a route's values, besides their format.
 *
 * @param names for envelopes
 * @param schema of JSON payloads; absent: they have none, or it is learnt
 * @param learnt of JSON payloads, if it is learnt from them
 * @param protobuf of Protobuf payloads, for their format
 * @param added what is added to their fields
 */
public record ValueOptions(
        EnvelopeNames names,
        Optional<PayloadSchema> schema,
        Optional<LearntSchema> learnt,
        Optional<ProtobufSchema> protobuf,
        AddedFields added) {

    public static ValueOptions of(EnvelopeNames names) {
        return new ValueOptions(names, Optional.empty(), Optional.empty(), Optional.empty(), AddedFields.NONE);
    }

    public static ValueOptions of(String connector, String broker) {
        return of(new EnvelopeNames(connector, broker, List.of()));
    }
}
