package io.sluice.connect.format;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** The size in bytes of a key, a value or a header as a converter writes it: exact, or a few more. */
public enum ConvertedSize {
    /** Text as UTF-8, bytes as they are, and of a struct what its fields hold, as Avro and Protobuf write it. */
    AS_IS,
    /** JSON: bytes in base64. */
    JSON,
    /** JSON with its schema beside it. */
    JSON_WITH_SCHEMA;

    /** Around schema and payload. */
    private static final int ENVELOPE = 24;

    /** Of a schema, besides its texts. */
    private static final int SCHEMA = 100;

    private static final int LONGEST_NUMBER = 24;

    /** The bytes of a value that a {@link ValueMaker} made, or of a key. */
    public long of(SchemaAndValue value) {
        return of(value.schema(), value.value());
    }

    long of(@Nullable Schema schema, @Nullable Object value) {
        return switch (this) {
            case AS_IS -> ValueSize.of(value);
            case JSON -> json(value);
            case JSON_WITH_SCHEMA -> ENVELOPE + schema(schema) + json(value);
        };
    }

    private static long json(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return 2 + base64(bytes.length);
        }
        if (value instanceof String text) {
            return 2 + escaped(text);
        }
        if (value instanceof Struct struct) {
            long size = 2;
            for (Field field : struct.schema().fields()) {
                size += 4 + field.name().length() + json(struct.get(field));
            }
            return size;
        }
        if (value instanceof Collection<?> items) {
            long size = 2;
            for (Object item : items) {
                size += 1 + json(item);
            }
            return size;
        }
        if (value instanceof Map<?, ?> map) {
            long size = 2;
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                size += 4 + json(entry.getKey()) + json(entry.getValue());
            }
            return size;
        }
        if (value instanceof BigDecimal decimal) {
            // In base64, or written out, as decimal.format says.
            return 6L + decimal.precision() + Math.abs((long) decimal.scale());
        }
        return value == null ? 4 : value instanceof Boolean ? 5 : LONGEST_NUMBER;
    }

    private static long schema(@Nullable Schema schema) {
        if (schema == null) {
            return 4;
        }
        long size = (long) SCHEMA + length(schema.name()) + length(schema.doc());
        if (schema.defaultValue() != null) {
            size += json(schema.defaultValue());
        }
        if (schema.parameters() != null) {
            size += json(schema.parameters());
        }
        if (schema.type() == Schema.Type.STRUCT) {
            for (Field field : schema.fields()) {
                size += field.name().length() + schema(field.schema());
            }
        } else if (schema.type() == Schema.Type.ARRAY) {
            size += schema(schema.valueSchema());
        } else if (schema.type() == Schema.Type.MAP) {
            size += schema(schema.keySchema()) + schema(schema.valueSchema());
        }
        return size;
    }

    private static long length(@Nullable String text) {
        return text == null ? 0 : escaped(text);
    }

    /** How many characters base64 makes of so many bytes. */
    public static long base64(long bytes) {
        return (bytes + 2) / 3 * 4;
    }

    private static long escaped(String text) {
        long size = Utils.utf8Length(text);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ') {
                size += 5; // a backslash, u and four digits
            } else if (c == '"' || c == '\\') {
                size++;
            }
        }
        return size;
    }
}
