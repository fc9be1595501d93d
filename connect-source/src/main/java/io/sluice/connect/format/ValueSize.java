package io.sluice.connect.format;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Date;
import java.util.Map;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes a value has: exactly, if it is text or bytes; of anything else, what its parts hold and a few bytes around
 * each, as Avro and Protobuf write it.
 */
public final class ValueSize {

    /** In Avro and Protobuf, of the longest number, and of the number of a field. */
    private static final int NUMBER = 12;

    /** In Protobuf, of a day, a time of day or a moment, which is a separate message. */
    private static final int TIME = 24;

    /** In Avro and Protobuf, around a text, bytes, a list or a struct: its length, and the number of a field. */
    private static final int LENGTH = 6;

    private ValueSize() {}

    public static long of(@Nullable Object value) {
        return inside(value) - (value instanceof byte[] || value instanceof String ? LENGTH : 0);
    }

    private static long inside(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return (long) LENGTH + bytes.length;
        }
        if (value instanceof String text) {
            return (long) LENGTH + Utils.utf8Length(text);
        }
        if (value instanceof Struct struct) {
            long size = LENGTH;
            for (Field field : struct.schema().fields()) {
                size += inside(struct.get(field));
            }
            return size;
        }
        if (value instanceof Collection<?> items) {
            long size = LENGTH;
            for (Object item : items) {
                size += inside(item);
            }
            return size;
        }
        if (value instanceof Map<?, ?> map) {
            long size = LENGTH;
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                size += LENGTH + inside(entry.getKey()) + inside(entry.getValue());
            }
            return size;
        }
        if (value instanceof BigDecimal decimal) {
            return 2L * LENGTH + decimal.unscaledValue().bitLength() / Byte.SIZE + 1;
        }
        if (value instanceof Date) {
            return TIME;
        }
        return value == null ? 1 : NUMBER;
    }
}
