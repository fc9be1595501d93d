package io.sluice.connect.config;

import io.sluice.connect.config.KnownConverter.Takes;
import io.sluice.connect.format.ValueFormat;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds a converter that would garble a route's records, or fail at the first one, and names one that fits. What the
 * connector does not name is the worker's and not known here, an unknown converter may take anything, and a transformation
 * may change the record: all of these pass.
 */
final class ConverterCheck {

    private static final String TRANSFORMS = "transforms";

    private static final Set<Takes> STRUCTS = EnumSet.of(Takes.SCHEMAS, Takes.STRUCTURES);
    private static final Set<Takes> TEXTS = EnumSet.of(Takes.TEXT, Takes.SCHEMAS, Takes.STRUCTURES);

    private final CheckedValues values;

    ConverterCheck(CheckedValues values) {
        this.values = values;
    }

    /**
     * Checks the converter of values of a format; a mistake is shown on the key of the format.
     *
     * @param typed whether the payload has a schema
     */
    void checkValue(ValueFormat format, String word, boolean typed) {
        String what = " is " + word;
        switch (format) {
            case BYTES, TBMQ, TBMQ_PAYLOAD, ROBUSTMQ, ROBUSTMQ_RECORD, CLOUDEVENTS ->
                checkValue(EnumSet.of(Takes.BYTES), KnownConverter.BYTE_ARRAY, what);
            case STRING -> checkValue(TEXTS, KnownConverter.STRING, what);
            case JSON -> {
                if (typed) {
                    checkValue(STRUCTS, KnownConverter.JSON, what);
                } else {
                    String untyped = what + " without " + SchemaGroup.VALUE_SCHEMA;
                    checkValue(EnumSet.of(Takes.STRUCTURES), KnownConverter.JSON, untyped);
                }
            }
            case STRUCT, PROTOBUF, SPARKPLUG -> checkValue(STRUCTS, KnownConverter.JSON, what);
        }
    }

    private void checkValue(Set<Takes> fitting, KnownConverter best, String what) {
        check(KnownConverter.VALUE_CONVERTER, fitting, best, ValueGroup.VALUE_FORMAT, what);
    }

    /** Checks that the converter of values takes the lists and maps of their schema; a mistake is shown on the key of the schema. */
    void checkNullableElements(String schemaKey) {
        if (areForProtobuf()) {
            values.refuse(
                    schemaKey,
                    " has a list or a map of values that may be null, and "
                            + KnownConverter.PROTOBUF.as(KnownConverter.VALUE_CONVERTER)
                            + " fails at null there: take null out of the type of these values, or set "
                            + KnownConverter.AVRO.as(KnownConverter.VALUE_CONVERTER) + ".");
        }
    }

    /** Checks that the converter of values takes a field whose number becomes a float64. */
    void checkLearnt() {
        if (areForProtobuf()) {
            values.refuse(
                    SchemaGroup.VALUE_SCHEMA,
                    " is infer, which may change a field from int64 to float64; "
                            + KnownConverter.PROTOBUF.as(KnownConverter.VALUE_CONVERTER)
                            + " does not support that: name a schema, or set "
                            + KnownConverter.AVRO.as(KnownConverter.VALUE_CONVERTER) + ".");
        }
    }

    void checkKey(String templateKey) {
        check(KnownConverter.KEY_CONVERTER, TEXTS, KnownConverter.STRING, templateKey, " makes record keys of text");
    }

    void checkKeyStruct(String fieldKey) {
        check(KnownConverter.KEY_CONVERTER, STRUCTS, KnownConverter.JSON, fieldKey, " makes keys with fields");
    }

    static boolean isTransformed(Map<String, String> properties) {
        return !properties.getOrDefault(TRANSFORMS, "").isBlank();
    }

    /** Whether values surely go through the converter for Protobuf as they are made. */
    private boolean areForProtobuf() {
        return !isTransformed(values.properties())
                && KnownConverter.PROTOBUF.isSet(values.properties(), KnownConverter.VALUE_CONVERTER);
    }

    private void check(String converterKey, Set<Takes> fitting, KnownConverter best, String shownOn, String what) {
        if (isTransformed(values.properties())) {
            return;
        }
        KnownConverter.of(values.properties(), converterKey)
                .filter(converter -> !fitting.contains(converter.takes()))
                .ifPresent(converter -> values.refuse(
                        shownOn,
                        what + ", and " + converter.as(converterKey) + " cannot pass these on unchanged: set "
                                + best.as(converterKey) + "."));
    }
}
