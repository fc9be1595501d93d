package io.sluice.connect.config;

import io.sluice.connect.config.KnownConverter.Takes;
import io.sluice.connect.format.ValueFormat;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds a converter that would garble a route's records, or fail at the first one, and names one that fits.
 *
 * <p>A converter that the connector does not name is the worker's, which is not known here; an unknown one may take
 * anything; and a transformation may make something else of the record. All of these pass.
 */
final class ConverterCheck {

    /** Kafka Connect's own key. */
    private static final String TRANSFORMS = "transforms";

    private static final Set<Takes> STRUCTS = EnumSet.of(Takes.SCHEMAS, Takes.STRUCTURES);
    private static final Set<Takes> TEXTS = EnumSet.of(Takes.TEXT, Takes.SCHEMAS, Takes.STRUCTURES);

    private final CheckedValues values;
    private final Map<String, String> properties;

    ConverterCheck(CheckedValues values, Map<String, String> properties) {
        this.values = values;
        this.properties = properties;
    }

    /**
     * Checks the converter of values of a format; a mistake is shown on the key of the format.
     *
     * @param typed whether the payload has a schema
     */
    void checkValue(String formatKey, ValueFormat format, String word, boolean typed) {
        String what = formatKey + " is " + word;
        switch (format) {
            case BYTES, TBMQ, TBMQ_PAYLOAD, ROBUSTMQ, ROBUSTMQ_RECORD, CLOUDEVENTS ->
                checkValue(formatKey, EnumSet.of(Takes.BYTES), KnownConverter.BYTE_ARRAY, what);
            case STRING -> checkValue(formatKey, TEXTS, KnownConverter.STRING, what);
            case JSON -> {
                if (typed) {
                    checkValue(formatKey, STRUCTS, KnownConverter.JSON, what);
                } else {
                    String untyped = what + " without " + SchemaGroup.VALUE_SCHEMA;
                    checkValue(formatKey, EnumSet.of(Takes.STRUCTURES), KnownConverter.JSON, untyped);
                }
            }
            case STRUCT, PROTOBUF, SPARKPLUG -> checkValue(formatKey, STRUCTS, KnownConverter.JSON, what);
        }
    }

    private void checkValue(String formatKey, Set<Takes> fitting, KnownConverter best, String what) {
        check(KnownConverter.VALUE_CONVERTER, fitting, best, formatKey, what);
    }

    /** Checks that the converter of values takes the lists and maps of their schema; a mistake is shown on the key of the schema. */
    void checkNullableElements(String schemaKey) {
        if (areForProtobuf()) {
            values.refuse(
                    schemaKey,
                    schemaKey + " has a list or a map of values that may be null, and " + KnownConverter.VALUE_CONVERTER
                            + "="
                            + KnownConverter.PROTOBUF.className()
                            + " fails at null there: take null out of the type of these values, or set "
                            + KnownConverter.VALUE_CONVERTER + "=" + KnownConverter.AVRO.className() + ".");
        }
    }

    /** Checks that the converter of values takes a field whose number becomes a float64. */
    void checkLearnt(String schemaKey) {
        if (areForProtobuf()) {
            values.refuse(
                    schemaKey,
                    schemaKey + " is infer, which may change a field from int64 to float64; "
                            + KnownConverter.VALUE_CONVERTER + "=" + KnownConverter.PROTOBUF.className()
                            + " does not support that: name a schema, or set " + KnownConverter.VALUE_CONVERTER + "="
                            + KnownConverter.AVRO.className() + ".");
        }
    }

    /** Checks the converter of record keys; a mistake is shown on the key of their template. */
    void checkKey(String templateKey) {
        check(
                KnownConverter.KEY_CONVERTER,
                TEXTS,
                KnownConverter.STRING,
                templateKey,
                templateKey + " makes record keys of text");
    }

    /** Checks the converter of record keys with fields; a mistake is shown on the key of a field. */
    void checkKeyStruct(String fieldKey) {
        check(
                KnownConverter.KEY_CONVERTER,
                STRUCTS,
                KnownConverter.JSON,
                fieldKey,
                fieldKey + " makes keys with fields");
    }

    /** Whether a configuration has records go through transformations. */
    static boolean isTransformed(Map<String, String> properties) {
        return !properties.getOrDefault(TRANSFORMS, "").isBlank();
    }

    /** Whether values surely go through the converter for Protobuf as they are made. */
    private boolean areForProtobuf() {
        return !isTransformed(properties)
                && KnownConverter.of(properties, KnownConverter.VALUE_CONVERTER)
                        .equals(Optional.of(KnownConverter.PROTOBUF));
    }

    private void check(String converterKey, Set<Takes> fitting, KnownConverter best, String shownOn, String what) {
        if (isTransformed(properties)) {
            return;
        }
        KnownConverter.of(properties, converterKey)
                .filter(converter -> !fitting.contains(converter.takes()))
                .ifPresent(converter -> values.refuse(
                        shownOn,
                        what + ", and " + converterKey + "=" + converter.className()
                                + " cannot pass these on unchanged: set " + converterKey + "=" + best.className()
                                + "."));
    }
}
