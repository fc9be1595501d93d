package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.schema.ScalarType.Found;
import io.sluice.connect.format.schema.ScalarType.Kind;
import io.sluice.connect.json.JsonPayload;
import java.math.BigDecimal;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.SchemaBuilder;

/** Numbers. Whole ones and decimals are exact or refused; only what is nearest in binary is taken for floating ones. */
final class NumberTypes {

    private static final String OUT_OF_RANGE = "a number out of range";

    static final Kind INT8 = new Kind("an int8", SchemaBuilder::int8, (value, found) ->
            (byte) whole(value, Byte.MIN_VALUE, Byte.MAX_VALUE, found));
    static final Kind INT16 = new Kind("an int16", SchemaBuilder::int16, (value, found) ->
            (short) whole(value, Short.MIN_VALUE, Short.MAX_VALUE, found));
    static final Kind INT32 = new Kind("an int32", SchemaBuilder::int32, (value, found) ->
            (int) whole(value, Integer.MIN_VALUE, Integer.MAX_VALUE, found));
    static final Kind INT64 = new Kind(
            "an int64", SchemaBuilder::int64, (value, found) -> whole(value, Long.MIN_VALUE, Long.MAX_VALUE, found));
    static final Kind FLOAT32 = new Kind("a float32", SchemaBuilder::float32, (value, found) -> {
        double number = floating(value, found);
        if (Float.isInfinite((float) number) && !Double.isInfinite(number)) {
            throw found.instead(OUT_OF_RANGE);
        }
        return (float) number;
    });
    static final Kind FLOAT64 = new Kind("a float64", SchemaBuilder::float64, NumberTypes::floating);

    /** How the converters for Avro are told of it. */
    private static final String PRECISION = "connect.decimal.precision";

    /** Of numbers whose precision is not bounded. */
    private static final int MOST_DIGITS = 1_000;

    private NumberTypes() {}

    /**
     * Decimals, as a number or as a text.
     *
     * @param precision how many digits they have at most; 0: any number
     * @param scale how many of them after the decimal point
     */
    static Kind decimal(int precision, int scale) {
        String expected = precision == 0
                ? "a decimal with " + scale + " digits after the decimal point"
                : "a decimal of " + precision + " digits, " + scale + " of them after the decimal point";
        return new Kind(
                expected,
                () -> precision == 0
                        ? Decimal.builder(scale)
                        : Decimal.builder(scale).parameter(PRECISION, Integer.toString(precision)),
                (value, found) -> decimal(value, precision == 0 ? MOST_DIGITS : precision, scale, found));
    }

    private static long whole(JsonNode value, long least, long most, Found found) throws UnmappableException {
        String written = JsonPayload.number(value);
        if (written == null) {
            throw found.instead(ReadingPlace.kind(value));
        }
        long number;
        try {
            number = JsonPayload.isWhole(written)
                    ? Long.parseLong(written)
                    : parsed(written, value, found).longValueExact();
        } catch (NumberFormatException e) {
            throw found.instead(OUT_OF_RANGE);
        } catch (ArithmeticException e) {
            throw found.instead("a number that is out of range or has a fraction");
        }
        if (number < least || number > most) {
            throw found.instead(OUT_OF_RANGE);
        }
        return number;
    }

    private static double floating(JsonNode value, Found found) throws UnmappableException {
        String written = JsonPayload.number(value);
        if (written == null) {
            throw found.instead(ReadingPlace.kind(value));
        }
        double nearest = JsonPayload.fraction(written);
        if (Double.isInfinite(nearest) && written.indexOf('I') < 0) {
            throw found.instead(OUT_OF_RANGE);
        }
        return nearest;
    }

    private static BigDecimal decimal(JsonNode value, int mostDigits, int scale, Found found)
            throws UnmappableException {
        String number = JsonPayload.number(value);
        if (number == null && !value.isTextual()) {
            throw found.instead(ReadingPlace.kind(value));
        }
        String written = number == null ? value.textValue() : number;
        if (written.length() > MOST_DIGITS) {
            throw found.instead(OUT_OF_RANGE);
        }
        BigDecimal decimal = parsed(written, value, found);
        if (decimal.signum() == 0) {
            return BigDecimal.ZERO.setScale(scale);
        }
        // An exponent of nine digits would have the rest of this write as many zeros.
        if ((long) decimal.precision() - decimal.scale() > (long) mostDigits - scale) {
            throw found.instead("a number with too many digits before the point");
        }
        if (decimal.scale() > scale) {
            decimal = decimal.stripTrailingZeros();
        }
        if (decimal.scale() > scale) {
            throw found.instead("a number with too many digits after the decimal point");
        }
        return decimal.setScale(scale);
    }

    private static BigDecimal parsed(String written, JsonNode value, Found found) throws UnmappableException {
        try {
            return new BigDecimal(written);
        } catch (NumberFormatException e) {
            throw found.instead(value.isTextual() ? "a text that is no number" : "a number that is not finite");
        }
    }
}
