package io.sluice.connect.config;

import io.sluice.connect.format.ConvertedSize;
import io.sluice.connect.format.ValueFormat;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The converters that most workers have, and what each takes and passes on as it is. */
enum KnownConverter {
    BYTE_ARRAY("org.apache.kafka.connect.converters.ByteArrayConverter", Takes.BYTES),
    STRING("org.apache.kafka.connect.storage.StringConverter", Takes.TEXT),
    JSON("org.apache.kafka.connect.json.JsonConverter", Takes.STRUCTURES),
    BOOLEAN("org.apache.kafka.connect.converters.BooleanConverter", Takes.NUMBERS),
    DOUBLE("org.apache.kafka.connect.converters.DoubleConverter", Takes.NUMBERS),
    FLOAT("org.apache.kafka.connect.converters.FloatConverter", Takes.NUMBERS),
    INTEGER("org.apache.kafka.connect.converters.IntegerConverter", Takes.NUMBERS),
    LONG("org.apache.kafka.connect.converters.LongConverter", Takes.NUMBERS),
    SHORT("org.apache.kafka.connect.converters.ShortConverter", Takes.NUMBERS),
    AVRO("io.confluent.connect.avro.AvroConverter", Takes.SCHEMAS),
    PROTOBUF("io.confluent.connect.protobuf.ProtobufConverter", Takes.SCHEMAS),
    JSON_SCHEMA("io.confluent.connect.json.JsonSchemaConverter", Takes.SCHEMAS);

    enum Takes {
        BYTES,
        TEXT,
        /** One number, or truth value, of one type. */
        NUMBERS,
        /** Structs, and text with its schema. */
        SCHEMAS,
        /** The same, and maps and lists without a schema. */
        STRUCTURES
    }

    static final String KEY_CONVERTER = "key.converter";

    static final String VALUE_CONVERTER = "value.converter";

    private final String className;
    private final Takes takes;

    KnownConverter(String className, Takes takes) {
        this.className = className;
        this.takes = takes;
    }

    /** What a configuration says that names the converter under a key. */
    String as(String key) {
        return key + "=" + className;
    }

    boolean isSet(Map<String, String> properties, String key) {
        return of(properties, key).filter(this::equals).isPresent();
    }

    Takes takes() {
        return takes;
    }

    static Optional<KnownConverter> of(Map<String, String> properties, String key) {
        String written = properties.getOrDefault(key, "").strip();
        return Arrays.stream(values())
                .filter(converter -> converter.isNamed(written))
                .findFirst();
    }

    /**
     * The size of keys as the converter writes them that a connector names. If it names none, which leaves it to the
     * worker, or an unknown one, keys with fields are taken to become the longest.
     */
    static ConvertedSize keySize(Map<String, String> properties, boolean hasFields) {
        return size(properties, KEY_CONVERTER).orElse(hasFields ? ConvertedSize.JSON_WITH_SCHEMA : ConvertedSize.AS_IS);
    }

    /**
     * The size of values as the converter writes them that a connector names. If it names none, which leaves it to the
     * worker, or an unknown one, structs are taken to become the longest.
     */
    static ConvertedSize valueSize(Map<String, String> properties, ValueFormat format) {
        return size(properties, VALUE_CONVERTER)
                .orElse(
                        format == ValueFormat.STRUCT || format == ValueFormat.SPARKPLUG || format.hasFields()
                                ? ConvertedSize.JSON_WITH_SCHEMA
                                : ConvertedSize.AS_IS);
    }

    /** The size of headers as the converter writes them that a connector names; as they are, if it names none. */
    static ConvertedSize headerSize(Map<String, String> properties) {
        return size(properties, HeaderGroup.HEADER_CONVERTER).orElse(ConvertedSize.AS_IS);
    }

    private static Optional<ConvertedSize> size(Map<String, String> properties, String key) {
        boolean hasSchemas = Boolean.parseBoolean(
                properties.getOrDefault(key + ".schemas.enable", "true").strip());
        return of(properties, key).map(converter -> switch (converter) {
            case JSON -> hasSchemas ? ConvertedSize.JSON_WITH_SCHEMA : ConvertedSize.JSON;
            case JSON_SCHEMA -> ConvertedSize.JSON;
            default -> ConvertedSize.AS_IS;
        });
    }

    /** Kafka Connect takes a class by its full name, its simple name, and that without the word Converter. */
    private boolean isNamed(String written) {
        String simpleName = className.substring(className.lastIndexOf('.') + 1);
        return written.equals(className)
                || written.equals(simpleName)
                || written.equals(simpleName.substring(0, simpleName.length() - "Converter".length()));
    }
}
