package io.sluice.connect.config;

import io.sluice.connect.format.AllowedNames;
import io.sluice.connect.format.Decompression;
import io.sluice.connect.format.HeaderSelection;
import io.sluice.connect.format.ValueFormat;
import io.sluice.connect.format.ValueOptions;
import io.sluice.connect.route.KafkaTopic;
import io.sluice.connect.route.RecordHeaders;
import io.sluice.connect.route.RecordKey;
import io.sluice.connect.route.RecordLimit;
import io.sluice.connect.route.RecordTime;
import io.sluice.connect.route.RecordValue;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.Template;
import io.sluice.message.ConnectionTopics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** What is captured besides publishes: last wills, and events of clients that connect and disconnect. */
record CaptureGroup(AbstractConfig values) {

    static final String NAME = "Capture";

    static final String WILLS = "capture.wills";
    static final String CONNECTIONS = "capture.connections";
    static final String CONNECTIONS_TOPIC = "connections.topic";

    private static final String WILLS_DOC =
            "Whether the last will of a client that is lost becomes a record, as if the client had published it.";
    private static final String CONNECTIONS_DOC =
            "Whether connects, disconnects and lost connections become records: small JSON objects with the client id"
                    + " as key, in order with that client's publishes.";
    private static final String CONNECTIONS_TOPIC_DOC = "The Kafka topic of the records about connections.";

    private static final int MAX_EVENT_BYTES = 1_000_000;

    static void update(ConfigDef definition) {
        new Keys(definition, NAME)
                .flag(WILLS, true)
                .as(Importance.LOW, "Capture wills", WILLS_DOC)
                .flag(CONNECTIONS, false)
                .as(Importance.LOW, "Capture connections", CONNECTIONS_DOC)
                .text(CONNECTIONS_TOPIC, "mqtt.connections", new Syntax("name of a Kafka topic", KafkaTopic::named))
                .onlyWhen(CONNECTIONS, Boolean.TRUE::equals)
                .as(Importance.LOW, "Topic for connections", CONNECTIONS_TOPIC_DOC);
    }

    /** The key that names the topic of events about connections, if they are wanted. */
    static List<String> topicKeys(CheckedValues values) {
        return values.flag(CONNECTIONS).orElse(false) ? List.of(CONNECTIONS_TOPIC) : List.of();
    }

    static void validate(CheckedValues values) {
        if (values.flag(CONNECTIONS).orElse(false)) {
            new ConverterCheck(values).checkKey(CONNECTIONS);
        }
    }

    boolean wills() {
        return values.getBoolean(WILLS);
    }

    Optional<String> connectionsTopic() {
        return values.getBoolean(CONNECTIONS) ? Optional.of(values.getString(CONNECTIONS_TOPIC)) : Optional.empty();
    }

    /** @param others the routes of messages, which go through the same converters */
    Optional<Route> connections(List<Route> others) {
        if (!values.getBoolean(CONNECTIONS)) {
            return Optional.empty();
        }
        ValueFormat format = format(others);
        Map<String, String> properties = values.originalsStrings();
        return Optional.of(new Route(
                "connections",
                List.of(ConnectionTopics.ALL),
                Optional.empty(),
                KafkaTopic.named(values.getString(CONNECTIONS_TOPIC)),
                Optional.empty(),
                new RecordKey(Template.of("{clientId}"), Optional.empty(), false),
                RecordTime.RECEIVED,
                new RecordHeaders(HeaderSelection.ALL, List.of(), new HeaderGroup(values, "").form(), AllowedNames.ALL),
                new RecordValue(format, ValueOptions.of("", ""), List.of(), false),
                false,
                false,
                Decompression.NONE,
                Optional.empty(),
                new RecordLimit(
                        MAX_EVENT_BYTES,
                        KnownConverter.keySize(properties, false),
                        KnownConverter.valueSize(properties, format))));
    }

    /** A converter for text would not refuse bytes but write the name of an array in their place. */
    private ValueFormat format(List<Route> others) {
        Map<String, String> properties = values.originalsStrings();
        if (KnownConverter.BYTE_ARRAY.isSet(properties, KnownConverter.VALUE_CONVERTER)
                || others.stream().allMatch(route -> route.value().format().isBytes())) {
            return ValueFormat.BYTES;
        }
        return KnownConverter.JSON.isSet(properties, KnownConverter.VALUE_CONVERTER)
                ? ValueFormat.JSON
                : ValueFormat.STRING;
    }
}
