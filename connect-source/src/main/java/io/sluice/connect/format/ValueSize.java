package io.sluice.connect.format;

import java.util.Collection;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes a value has: exactly, if it is text or bytes; of a struct, the bytes of what its fields hold, since how
 * they are written is the converter's choice.
 */
public final class ValueSize {

    private static final int NUMBER = 8;

    private ValueSize() {}

    /** Bytes of a value that a {@link ValueMaker} made. */
    public static long of(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return bytes.length;
        }
        if (value instanceof String text) {
            return Utils.utf8Length(text);
        }
        if (value instanceof Struct struct) {
            long size = 0;
            for (Field field : struct.schema().fields()) {
                size += of(struct.get(field));
            }
            return size;
        }
        if (value instanceof Collection<?> items) {
            long size = 0;
            for (Object item : items) {
                size += of(item);
            }
            return size;
        }
        return value == null ? 0 : NUMBER;
    }
}
