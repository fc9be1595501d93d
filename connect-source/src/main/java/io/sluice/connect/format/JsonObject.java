package io.sluice.connect.format;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;

/** Writes values that are a JSON object, as UTF-8 bytes. Its buffer serves one value after the other; not thread-safe. */
final class JsonObject {

    private static final JsonFactory JSON = new JsonFactory();

    private final ByteArrayBuilder buffer = new ByteArrayBuilder();

    @FunctionalInterface
    interface Fields {
        void write(JsonGenerator to) throws IOException;
    }

    SchemaAndValue of(Fields fields) {
        buffer.reset();
        try (JsonGenerator to = JSON.createGenerator(buffer, JsonEncoding.UTF8)) {
            to.writeStartObject();
            fields.write(to);
            to.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return new SchemaAndValue(Schema.BYTES_SCHEMA, buffer.toByteArray());
    }

    /** Writes bytes as an array of numbers from 0 to 255. */
    static void writeNumbers(JsonGenerator to, ByteBuffer bytes) throws IOException {
        to.writeStartArray();
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            to.writeNumber(Byte.toUnsignedInt(bytes.get(i)));
        }
        to.writeEndArray();
    }
}
