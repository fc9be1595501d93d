package io.sluice.connect.format;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;

/** Makes values that are a JSON object, as UTF-8 bytes. Its buffer serves one value after the other; not thread-safe. */
abstract class JsonObject implements ValueMaker {

    private static final JsonFactory JSON = new JsonFactory();

    private final ByteArrayBuilder buffer = new ByteArrayBuilder();

    /** Writes the fields of the object. */
    abstract void write(ValueSource source, JsonGenerator to) throws IOException;

    @Override
    public final SchemaAndValue value(ValueSource source, HeaderWriter headers) {
        buffer.reset();
        try (JsonGenerator to = JSON.createGenerator(buffer, JsonEncoding.UTF8)) {
            to.writeStartObject();
            write(source, to);
            to.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return new SchemaAndValue(Schema.BYTES_SCHEMA, buffer.toByteArray());
    }
}
