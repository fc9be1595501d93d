package io.sluice.connect.format;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** How many bytes of the heap a value takes, about, without its schema, which many values share. */
public final class HeapSize {

    private static final int OBJECT = 24;
    private static final int REFERENCE = 8;

    /** An entry of a map: an object, and its place in the table. */
    private static final int ENTRY = 48;

    private HeapSize() {}

    public static long of(@Nullable Object value) {
        if (value == null) {
            return 0;
        }
        if (value instanceof byte[] bytes) {
            return (long) OBJECT + bytes.length;
        }
        if (value instanceof String text) {
            return 2L * OBJECT + text.length();
        }
        long size = OBJECT;
        if (value instanceof Struct struct) {
            for (Field field : struct.schema().fields()) {
                size += REFERENCE + of(struct.get(field));
            }
        } else if (value instanceof Collection<?> items) {
            for (Object item : items) {
                size += REFERENCE + of(item);
            }
        } else if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                size += ENTRY + of(entry.getKey()) + of(entry.getValue());
            }
        }
        return size;
    }
}
