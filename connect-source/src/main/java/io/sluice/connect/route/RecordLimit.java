package io.sluice.connect.route;

import io.sluice.connect.format.ConvertedSize;
import java.util.Optional;
import org.apache.kafka.connect.data.SchemaAndValue;

/**
 * How large a route's records may be, and how large they are once they are converted.
 *
 * @param maxBytes of key, value, and names and values of headers
 * @param key what the converter of keys makes of them
 * @param value what the converter of values makes of them
 */
public record RecordLimit(int maxBytes, ConvertedSize key, ConvertedSize value) {

    /** The bytes of key and value, when they are converted. */
    long bytes(Optional<SchemaAndValue> recordKey, SchemaAndValue recordValue) {
        return recordKey.map(key::of).orElse(0L) + value.of(recordValue);
    }
}
