package io.sluice.connect.format;

import io.sluice.message.UserProperty;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Timestamp;
import org.jspecify.annotations.Nullable;

/** What may be told of a message in a field of its record's value, called as templates call it. */
public enum MessageField {
    TOPIC("topic", Schema.STRING_SCHEMA, source -> source.message().topic()),
    CLIENT_ID("clientId", Schema.STRING_SCHEMA, source -> source.message().clientId()),
    USERNAME(
            "username",
            Schema.OPTIONAL_STRING_SCHEMA,
            source -> source.message().username().orElse(null)),
    TIMESTAMP(
            "timestamp",
            Timestamp.SCHEMA,
            source -> Date.from(Instant.ofEpochMilli(source.message().receivedAtMs()))),
    /** Quality of service: 0, 1 or 2. */
    QOS("qos", Schema.INT32_SCHEMA, source -> source.message().qos().level()),
    RETAINED("retained", Schema.BOOLEAN_SCHEMA, source -> source.message().retained()),
    DUPLICATE("duplicate", Schema.BOOLEAN_SCHEMA, source -> source.message().duplicate()),
    /** {@code publish}, or {@code will} for a last will. */
    KIND("kind", Schema.STRING_SCHEMA, source -> source.message().kind().name().toLowerCase(Locale.ROOT)),
    CONTENT_TYPE(
            "contentType",
            Schema.OPTIONAL_STRING_SCHEMA,
            source -> source.message().properties().contentType().orElse(null)),
    RESPONSE_TOPIC(
            "responseTopic",
            Schema.OPTIONAL_STRING_SCHEMA,
            source -> source.message().properties().responseTopic().orElse(null)),
    /** MQTT 5 user properties by name; of those that share a name the last one. */
    PROPERTIES(
            "properties",
            SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.STRING_SCHEMA).build(),
            source -> {
                Map<String, String> byName = new LinkedHashMap<>();
                for (UserProperty property : source.message().properties().userProperties()) {
                    byName.put(property.name(), property.value());
                }
                return byName;
            }),
    /** Which element of the payload it was made of, counted from 0. */
    ELEMENT("element", Schema.OPTIONAL_INT32_SCHEMA, source -> {
        OptionalInt element = source.id().element();
        return element.isPresent() ? element.getAsInt() : null;
    }),
    BUFFER("buffer", Schema.STRING_SCHEMA, source -> source.id().buffer()),
    POSITION("position", Schema.INT64_SCHEMA, source -> source.id().position());

    private final String word;

    @SuppressWarnings("ImmutableEnumChecker") // Kafka's schemas do not change
    private final Schema schema;

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final Function<ValueSource, @Nullable Object> content;

    MessageField(String word, Schema schema, Function<ValueSource, @Nullable Object> content) {
        this.word = word;
        this.schema = schema;
        this.content = content;
    }

    public String word() {
        return word;
    }

    public static Optional<MessageField> ofWord(String word) {
        return Arrays.stream(values()).filter(field -> field.word.equals(word)).findFirst();
    }

    /** Whether a field of a value may have a name: Avro and Protobuf take no other. */
    public static boolean isValidName(String name) {
        return name.matches("[A-Za-z_][A-Za-z0-9_]*");
    }

    final Schema schema() {
        return schema;
    }

    /** What a message has there; null: nothing. */
    @Nullable
    Object of(ValueSource source) {
        return content.apply(source);
    }

    @Nullable
    Object plain(ValueSource source) {
        return this == TIMESTAMP ? source.message().receivedAtMs() : of(source);
    }
}
