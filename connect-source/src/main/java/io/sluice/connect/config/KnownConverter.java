package io.sluice.connect.config;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The converters that most workers have, so that one that does not fit is noticed before it garbles records. */
enum KnownConverter {
    BYTE_ARRAY("org.apache.kafka.connect.converters.ByteArrayConverter"),
    STRING("org.apache.kafka.connect.storage.StringConverter"),
    JSON("org.apache.kafka.connect.json.JsonConverter"),
    BOOLEAN("org.apache.kafka.connect.converters.BooleanConverter"),
    DOUBLE("org.apache.kafka.connect.converters.DoubleConverter"),
    FLOAT("org.apache.kafka.connect.converters.FloatConverter"),
    INTEGER("org.apache.kafka.connect.converters.IntegerConverter"),
    LONG("org.apache.kafka.connect.converters.LongConverter"),
    SHORT("org.apache.kafka.connect.converters.ShortConverter"),
    AVRO("io.confluent.connect.avro.AvroConverter"),
    PROTOBUF("io.confluent.connect.protobuf.ProtobufConverter"),
    JSON_SCHEMA("io.confluent.connect.json.JsonSchemaConverter");

    private final String className;

    KnownConverter(String className) {
        this.className = className;
    }

    String className() {
        return className;
    }

    /** The converter that a connector names under a key, if it names one that is known. */
    static Optional<KnownConverter> of(Map<String, String> properties, String key) {
        String written = properties.getOrDefault(key, "").strip();
        return Arrays.stream(values())
                .filter(converter -> converter.isNamed(written))
                .findFirst();
    }

    /** Kafka Connect takes a class by its full name, its simple name, and that without the word Converter. */
    private boolean isNamed(String written) {
        String simpleName = className.substring(className.lastIndexOf('.') + 1);
        return written.equals(className)
                || written.equals(simpleName)
                || written.equals(simpleName.substring(0, simpleName.length() - "Converter".length()));
    }
}
