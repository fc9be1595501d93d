package io.sluice.connect.format.sparkplug;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of Sparkplug B in one payload, which lie in the bytes of metrics (section 6.4.17 of the specification). Not
 * thread-safe.
 */
final class PackedArrays {

    /** Of all arrays of a payload; others stay bytes. An element of a bit or a byte takes up to 28 bytes of memory. */
    private static final int MOST_ELEMENTS = 1_000_000;

    /** A text takes twice as much as a number. */
    private static final int TEXT = 2;

    private int left = MOST_ELEMENTS;

    /** An array; null: the type is none, the bytes are not as it says, or the payload has too many elements. */
    @Nullable
    Struct of(DataType type, ByteBuffer bytes) {
        ByteBuffer in = bytes.order(ByteOrder.LITTLE_ENDIAN);
        return switch (type) {
            case INT8_ARRAY -> longs(in, Byte.BYTES, ByteBuffer::get);
            case INT16_ARRAY -> longs(in, Short.BYTES, ByteBuffer::getShort);
            case INT32_ARRAY -> longs(in, Integer.BYTES, ByteBuffer::getInt);
            case INT64_ARRAY, DATE_TIME_ARRAY -> longs(in, Long.BYTES, ByteBuffer::getLong);
            case UINT8_ARRAY -> longs(in, Byte.BYTES, from -> Byte.toUnsignedLong(from.get()));
            case UINT16_ARRAY -> longs(in, Short.BYTES, from -> Short.toUnsignedLong(from.getShort()));
            case UINT32_ARRAY -> longs(in, Integer.BYTES, from -> Integer.toUnsignedLong(from.getInt()));
            case UINT64_ARRAY -> unsigned(in);
            case FLOAT_ARRAY -> doubles(in, Float.BYTES, ByteBuffer::getFloat);
            case DOUBLE_ARRAY -> doubles(in, Double.BYTES, ByteBuffer::getDouble);
            case BOOLEAN_ARRAY -> booleans(in);
            case STRING_ARRAY -> strings(in);
            default -> null;
        };
    }

    private static Struct array(String field, List<?> elements) {
        Struct array = new Struct(SparkplugSchema.ARRAY);
        for (String name : List.of("longs", "doubles", "booleans", "strings")) {
            array.put(name, name.equals(field) ? elements : List.of());
        }
        return array;
    }

    private boolean take(int elements) {
        boolean fits = elements <= left;
        left -= fits ? elements : 0;
        return fits;
    }

    private boolean takeWhole(ByteBuffer in, int size) {
        return in.remaining() % size == 0 && take(in.remaining() / size);
    }

    private @Nullable Struct longs(ByteBuffer in, int size, ToLongFunction<ByteBuffer> next) {
        if (!takeWhole(in, size)) {
            return null;
        }
        List<Long> elements = new ArrayList<>(in.remaining() / size);
        while (in.hasRemaining()) {
            elements.add(next.applyAsLong(in));
        }
        return array("longs", elements);
    }

    /** Numbers beyond an int64 stay bytes. */
    private @Nullable Struct unsigned(ByteBuffer in) {
        Struct array = longs(in, Long.BYTES, ByteBuffer::getLong);
        return array == null || array.<Long>getArray("longs").stream().anyMatch(number -> number < 0) ? null : array;
    }

    private @Nullable Struct doubles(ByteBuffer in, int size, ToDoubleFunction<ByteBuffer> next) {
        if (!takeWhole(in, size)) {
            return null;
        }
        List<Double> elements = new ArrayList<>(in.remaining() / size);
        while (in.hasRemaining()) {
            elements.add(next.applyAsDouble(in));
        }
        return array("doubles", elements);
    }

    /** Their count, and then eight to a byte, the first in its highest bit. */
    private @Nullable Struct booleans(ByteBuffer in) {
        int count = in.remaining() < Integer.BYTES ? -1 : in.getInt();
        if (count < 0 || (count + Byte.SIZE - 1) / Byte.SIZE != in.remaining() || !take(count)) {
            return null;
        }
        List<Boolean> elements = new ArrayList<>(count);
        int first = in.position();
        for (int i = 0; i < count; i++) {
            int bits = in.get(first + i / Byte.SIZE);
            elements.add((bits >> (Byte.SIZE - 1 - i % Byte.SIZE) & 1) == 1);
        }
        return array("booleans", elements);
    }

    /** Each ends with a zero byte. */
    private @Nullable Struct strings(ByteBuffer in) {
        int count = 0;
        for (int at = in.position(); at < in.limit(); at++) {
            count += in.get(at) == 0 ? 1 : 0;
        }
        boolean isCutOff = in.hasRemaining() && in.get(in.limit() - 1) != 0;
        if (isCutOff || !take(TEXT * count)) {
            return null;
        }
        List<String> elements = new ArrayList<>(count);
        int from = in.position();
        for (int at = from; at < in.limit(); at++) {
            if (in.get(at) == 0) {
                elements.add(
                        StandardCharsets.UTF_8.decode(in.slice(from, at - from)).toString());
                from = at + 1;
            }
        }
        return array("strings", elements);
    }
}
