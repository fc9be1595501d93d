package io.sluice.connect.format.sparkplug;

import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.schema.TimeTypes;
import io.sluice.connect.format.sparkplug.wire.DataSetValue;
import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Parameter;
import io.sluice.connect.format.sparkplug.wire.PropertyValue;
import java.time.Instant;
import java.util.Date;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** A value as it is on the wire, and as the field of a struct that its type asks for. */
public final class TypedValue {

    private TypedValue() {}

    static @Nullable Object of(Metric metric) {
        return switch (metric.getValueCase()) {
            case INT_VALUE -> metric.getIntValue();
            case LONG_VALUE -> metric.getLongValue();
            case FLOAT_VALUE -> metric.getFloatValue();
            case DOUBLE_VALUE -> metric.getDoubleValue();
            case BOOLEAN_VALUE -> metric.getBooleanValue();
            case STRING_VALUE -> metric.getStringValue();
            case BYTES_VALUE, DATASET_VALUE, TEMPLATE_VALUE, VALUE_NOT_SET -> null;
        };
    }

    static @Nullable Object of(PropertyValue property) {
        return switch (property.getValueCase()) {
            case INT_VALUE -> property.getIntValue();
            case LONG_VALUE -> property.getLongValue();
            case FLOAT_VALUE -> property.getFloatValue();
            case DOUBLE_VALUE -> property.getDoubleValue();
            case BOOLEAN_VALUE -> property.getBooleanValue();
            case STRING_VALUE -> property.getStringValue();
            case PROPERTYSET_VALUE, PROPERTYSETS_VALUE, VALUE_NOT_SET -> null;
        };
    }

    static @Nullable Object of(Parameter parameter) {
        return switch (parameter.getValueCase()) {
            case INT_VALUE -> parameter.getIntValue();
            case LONG_VALUE -> parameter.getLongValue();
            case FLOAT_VALUE -> parameter.getFloatValue();
            case DOUBLE_VALUE -> parameter.getDoubleValue();
            case BOOLEAN_VALUE -> parameter.getBooleanValue();
            case STRING_VALUE -> parameter.getStringValue();
            case VALUE_NOT_SET -> null;
        };
    }

    static @Nullable Object of(DataSetValue cell) {
        return switch (cell.getValueCase()) {
            case INT_VALUE -> cell.getIntValue();
            case LONG_VALUE -> cell.getLongValue();
            case FLOAT_VALUE -> cell.getFloatValue();
            case DOUBLE_VALUE -> cell.getDoubleValue();
            case BOOLEAN_VALUE -> cell.getBooleanValue();
            case STRING_VALUE -> cell.getStringValue();
            case VALUE_NOT_SET -> null;
        };
    }

    /** Puts a value, but for bytes, into the field that its type asks for; where the two do not fit, as it is on the wire. */
    static void put(Struct to, DataType type, @Nullable Object value) throws UnmappableException {
        if (value instanceof Integer number) {
            putNumber(to, type, signed(type, number));
        } else if (value instanceof Long number) {
            putNumber(to, type, number);
        } else if (value instanceof Float number) {
            to.put("float_value", number);
        } else if (value instanceof Double number) {
            to.put("double_value", number);
        } else if (value instanceof Boolean flag) {
            to.put("boolean_value", flag);
        } else if (value instanceof String text) {
            to.put("string_value", text);
        }
    }

    /** Some write a small negative number with as many bits as its type has, and some with 32. */
    private static long signed(DataType type, int bits) {
        return switch (type) {
            case INT8 -> (byte) bits;
            case INT16 -> (short) bits;
            case INT32 -> bits;
            default -> Integer.toUnsignedLong(bits);
        };
    }

    private static void putNumber(Struct to, DataType type, long number) throws UnmappableException {
        if (type == DataType.DATE_TIME) {
            to.put("timestamp_value", moment(number));
        } else if (type == DataType.UINT64 && number < 0) {
            to.put("string_value", Long.toUnsignedString(number));
        } else {
            to.put("long_value", number);
        }
    }

    /**
     * A moment.
     *
     * @param ms milliseconds since the epoch
     * @throws UnmappableException if it is before it, or after the year 9999
     */
    public static Date moment(long ms) throws UnmappableException {
        if (ms < 0 || ms > TimeTypes.MOST_MS) {
            throw new UnmappableException(
                    "its payload has the timestamp " + Long.toUnsignedString(ms) + ", which is after the year 9999");
        }
        return Date.from(Instant.ofEpochMilli(ms));
    }
}
