package io.sluice.connect.config;

import io.sluice.connect.format.Decompression;
import io.sluice.connect.format.MessageField;
import io.sluice.connect.format.schema.SchemaFile;
import io.sluice.connect.route.KafkaNames;
import io.sluice.connect.route.KeyStruct;
import io.sluice.connect.route.MessageFilter;
import io.sluice.connect.route.NamedTemplate;
import io.sluice.connect.route.PartitionCounts;
import io.sluice.connect.route.RecordKey;
import io.sluice.connect.route.RecordLimit;
import io.sluice.connect.route.RecordTime;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.Template;
import io.sluice.message.TopicFilter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/**
 * A route: which MQTT topics go to which Kafka topic, and as what.
 *
 * <p>A connector has one route, or names several with {@code routes}. The keys of a named route begin with
 * {@code route.<name>.}; what it leaves out, but for its filters, it takes from the connector's keys of the same name.
 *
 * @param prefix begins its keys; empty for the route without a name
 */
record RouteGroup(AbstractConfig values, String prefix) {

    /** What routes are made for, and whether what they learn is kept for the next task. */
    record Use(PartitionCounts partitions, boolean keeps) {

        /** To look at the routes, or at what they make of a message. */
        static final Use TRIAL = new Use(PartitionCounts.UNKNOWN, false);
    }

    /** Kafka Connect's own key, under which the buffer knows the connector. */
    static final String CONNECTOR_NAME = "name";

    static final String NAME = "Route";

    static final String ROUTES = "routes";
    static final String TOPIC_FILTERS = "topic.filters";
    static final String KAFKA_KEY = "kafka.key";

    /** Begins keys whose last part users make up. */
    static final String KAFKA_KEY_FIELD = "kafka.key.field.";

    static final String KAFKA_KEY_REQUIRED = "kafka.key.required";
    static final String FILTER = "filter";
    static final String PAYLOAD_DECOMPRESS = "payload.decompress";
    static final String RECORD_TIMESTAMP = "record.timestamp";
    static final String RETAINED = "retained";
    static final String RECORD_MAX_BYTES = "record.max.bytes";

    private static final String ROUTES_DOC =
            "Names of several routes, comma-separated. Each route has the keys below with a prefix, such as"
                    + " `route.<name>.topic.filters`. A route takes keys that it leaves out, except its filters, from"
                    + " the key without prefix. A message that several routes take becomes several records.";
    private static final String TOPIC_FILTERS_DOC =
            "MQTT topic filters, comma-separated. A message that several of them match becomes one record. Only filters"
                    + " that begin with `$` match topics that do.";
    private static final String KAFKA_KEY_REQUIRED_DOC =
            "Whether a message that lacks a value for `kafka.key` cannot be mapped. `false`: the missing value is"
                    + " empty, and a record with an empty key has none: Kafka then keeps no order for it, and a"
                    + " compacted topic refuses it.";
    private static final String RECORD_TIMESTAMP_DOC =
            "The timestamp of records. `received`: when the broker received the message, or the worker's time if that"
                    + " is earlier. `none`: when the producer sends it. Or a template such as `{json:/time}` that makes"
                    + " milliseconds since 1970 or a time as in `2026-03-04T05:06:07Z`, in UTC if it names no zone; a"
                    + " message that lacks it gets the time at which it was received, and one for which it makes"
                    + " something else cannot be mapped. A Kafka topic may refuse timestamps that are far from Kafka's"
                    + " time (`message.timestamp.before.max.ms` and `.after.max.ms`): its records become dead letters.";
    private static final String FILTER_DOC =
            "The route takes only messages for which this condition is true. It is in the [Common Expression"
                    + " Language](https://cel.dev), such as `json.temperature > 30 && levels[1] == 'north'`. It may"
                    + " use "
                    + MessageFilter.VARIABLES
                    + ". The route skips and counts messages for which it is false. A message that lacks a field of the"
                    + " condition cannot be mapped; check with `has(json.temperature) && …` first. The condition sees"
                    + " the payload after `payload.decompress`. Unlike a transformation, a filter leaves nothing in the"
                    + " worker's memory with exactly-once.";
    private static final String PAYLOAD_DECOMPRESS_DOC =
            "How devices compress their payloads: `gzip`, `zstd`, `none`, or `auto`, which looks at the first bytes of"
                    + " each payload. The route decompresses them before it applies templates and `value.format`. A"
                    + " message that is compressed in another way, or whose payload would be larger than"
                    + " `record.max.bytes`, cannot be mapped; its dead letter has the payload as the device sent it.";
    private static final String KAFKA_KEY_DOC =
            "Template of the record key. Empty: records have no key. `kafka.key.field.<name>` makes keys with fields instead.";
    private static final String KAFKA_KEY_FIELD_DOC =
            "Template of a field of the record key, which is a struct of such fields, in the order of their names;"
                    + " `kafka.key` then has no effect. A field with empty text is null; a record whose fields are all"
                    + " null has no key. `key.converter` must be JsonConverter, or one for Avro, Protobuf or JSON"
                    + " Schema.";
    private static final String RETAINED_DOC =
            "What the route does with publishes whose retain flag is set: `forward` or `skip`.";
    private static final String RECORD_MAX_BYTES_DOC =
            "The largest record, in bytes of key, value and headers; a message that makes a larger one cannot be mapped."
                    + " Keep it below the producer's `max.request.size`.";

    private enum Retained {
        FORWARD,
        SKIP
    }

    private static final Choice<Decompression> DECOMPRESSIONS = new Choice<>(Decompression.class);
    private static final Choice<Retained> RETAINED_CHOICES = new Choice<>(Retained.class);
    private static final String ROUTE = "route.";

    private static final Pattern ROUTE_NAME = Pattern.compile("[A-Za-z0-9_-]+");
    /** Keys that a route takes from the connector if it does not set them: all but its filters. */
    private static final List<ConfigDef.ConfigKey> INHERITED = inheritedKeys();

    private static final List<String> INHERITED_NAMES =
            List.of(KAFKA_KEY_FIELD, HeaderGroup.KAFKA_HEADER, ValueGroup.METADATA);

    private static List<ConfigDef.ConfigKey> inheritedKeys() {
        ConfigDef ofOneRoute = new ConfigDef();
        define(new Keys(ofOneRoute, NAME), "#", Map.of());
        return ofOneRoute.configKeys().values().stream()
                .filter(key -> !key.name.equals(TOPIC_FILTERS))
                .toList();
    }

    /** Adds the keys of a configuration: those that every one may have, and those whose names its user made up. */
    static void update(ConfigDef definition, Map<String, String> properties) {
        Keys keys = new Keys(definition, NAME)
                .list(ROUTES, null, new Syntax("names of letters, digits, - and _", RouteGroup::name))
                .as(Importance.MEDIUM, "Routes", ROUTES_DOC);
        define(keys, "#", properties);
        for (String name : names(properties)) {
            define(new Keys(definition, NAME + " " + name, prefix(name)), ConfigDef.NO_DEFAULT_VALUE, properties);
        }
    }

    private static void define(Keys keys, Object filters, Map<String, String> properties) {
        keys.list(TOPIC_FILTERS, filters, new Syntax("MQTT topic filters", TopicFilter::of))
                .as(Importance.HIGH, "Topic filters", TOPIC_FILTERS_DOC)
                .text(FILTER, null, new Syntax("condition in CEL", MessageFilter::of))
                .as(Importance.MEDIUM, "Filter", FILTER_DOC);
        KafkaTopicGroup.define(keys);
        keys.text(KAFKA_KEY, "{topic}", new Syntax("template", Template::of))
                .as(Importance.HIGH, "Key", KAFKA_KEY_DOC)
                .flag(KAFKA_KEY_REQUIRED, false)
                .as(Importance.MEDIUM, "Key required", KAFKA_KEY_REQUIRED_DOC)
                .text(RECORD_TIMESTAMP, "received", new Syntax("received, none, or a template", RecordTime::of))
                .as(Importance.MEDIUM, "Timestamp", RECORD_TIMESTAMP_DOC)
                .text(PAYLOAD_DECOMPRESS, DECOMPRESSIONS.word(Decompression.NONE), DECOMPRESSIONS)
                .as(Importance.LOW, "Decompress", PAYLOAD_DECOMPRESS_DOC);
        NamedTemplates.define(keys, KAFKA_KEY_FIELD, properties, KAFKA_KEY_FIELD_DOC, "Field of the key");
        HeaderGroup.define(keys, properties);
        ValueGroup.define(keys, properties);
        keys.text(RETAINED, RETAINED_CHOICES.word(Retained.FORWARD), RETAINED_CHOICES)
                .as(Importance.LOW, "Retained publishes", RETAINED_DOC)
                .whole(RECORD_MAX_BYTES, 1_000_000, ConfigDef.Range.atLeast(1))
                .as(Importance.MEDIUM, "Largest record", RECORD_MAX_BYTES_DOC);
    }

    /** A configuration without the keys that named routes set to empty, which means that they have nothing there. */
    static Map<String, String> stated(Map<String, String> properties) {
        Map<String, String> stated = new HashMap<>(properties);
        for (String name : names(properties)) {
            INHERITED.stream()
                    .filter(key -> key.defaultValue == null)
                    .map(key -> prefix(name) + key.name)
                    .filter(key -> stated.getOrDefault(key, "set").isBlank())
                    .forEach(stated::remove);
        }
        return stated;
    }

    /** A configuration in which the named routes have the keys that they inherit from the connector. */
    static Map<String, String> inherited(Map<String, String> properties) {
        Map<String, String> stated = stated(properties);
        Map<String, String> complete = new HashMap<>(stated);
        for (String name : names(properties)) {
            for (ConfigDef.ConfigKey inherited : INHERITED) {
                String key = inherited.name;
                if (properties.containsKey(key)
                        && !properties.containsKey(prefix(name) + key)
                        && SchemaGroup.instead(key)
                                .map(other -> stated.get(prefix(name) + other))
                                .isEmpty()) {
                    complete.put(prefix(name) + key, properties.get(key));
                }
            }
            properties.forEach((key, value) -> {
                if (INHERITED_NAMES.stream().anyMatch(key::startsWith)) {
                    complete.putIfAbsent(prefix(name) + key, value);
                }
            });
        }
        return complete;
    }

    static void validate(CheckedValues values) {
        ofRoutes(values).forEach(RouteGroup::validateRoute);
        validateNames(values);
    }

    /** The values of each route. */
    private static Stream<CheckedValues> ofRoutes(CheckedValues values) {
        List<String> names = values.list(ROUTES);
        return names.isEmpty() ? Stream.of(values) : names.stream().map(name -> values.ofRoute(prefix(name)));
    }

    private static void validateNames(CheckedValues values) {
        List<String> names = values.list(ROUTES);
        names.stream()
                .filter(name -> Collections.frequency(names, name) > 1)
                .findFirst()
                .ifPresent(name -> values.refuse(ROUTES, " names " + name + " more than once: name it once."));
        values.writtenNames(ROUTE)
                .filter(rest -> names.stream().noneMatch(name -> rest.startsWith(name + ".")))
                .findFirst()
                .ifPresent(rest -> values.refuse(
                        ROUTE + rest,
                        " is set, but " + ROUTES
                                + (names.isEmpty() ? " is not" : " is " + String.join(",", names)) + ": add the route "
                                + rest.replaceAll("\\..*", "") + " to " + ROUTES + ", or leave it out."));
    }

    static List<String> topicKeys(CheckedValues values) {
        return ofRoutes(values)
                .map(route -> route.name(KafkaTopicGroup.KAFKA_TOPIC))
                .toList();
    }

    private static void validateRoute(CheckedValues values) {
        KafkaTopicGroup.validate(values);
        HeaderGroup.validate(values);
        ValueGroup.validate(values);
        ConverterCheck converters = new ConverterCheck(values);
        List<String> fields = values.writtenNames(KAFKA_KEY_FIELD).toList();
        fields.stream()
                .filter(name -> !MessageField.isValidName(name))
                .forEach(name -> values.refuse(
                        KAFKA_KEY_FIELD + name,
                        " names a field of the key: it is made of letters, digits and _, and begins with no"
                                + " digit."));
        if (!fields.isEmpty()) {
            converters.checkKeyStruct(KAFKA_KEY_FIELD + fields.get(0));
        } else if (!values.text(KAFKA_KEY).orElse("").isEmpty()) {
            converters.checkKey(KAFKA_KEY);
        }
    }

    /** @param topics those of the connector, to which each route adds its own */
    static List<Route> routes(AbstractConfig values, Use use, KafkaNames topics) {
        List<String> names = values.getList(ROUTES);
        if (names == null) {
            return List.of(new RouteGroup(values, "").route("default", use, topics));
        }
        return names.stream()
                .map(name -> new RouteGroup(values, prefix(name)).route(name, use, topics))
                .toList();
    }

    private Route route(String name, Use use, KafkaNames topics) {
        String connector = values.originalsStrings().getOrDefault(CONNECTOR_NAME, "");
        return new Route(
                name,
                values.getList(prefix + TOPIC_FILTERS).stream()
                        .map(TopicFilter::of)
                        .toList(),
                Optional.ofNullable(values.getString(prefix + FILTER)).map(MessageFilter::of),
                new KafkaTopicGroup(values, prefix).topic(topics),
                new KafkaTopicGroup(values, prefix).partition(use.partitions()),
                new RecordKey(
                        Template.of(values.getString(prefix + KAFKA_KEY)),
                        keyStruct(),
                        values.getBoolean(prefix + KAFKA_KEY_REQUIRED)),
                RecordTime.of(values.getString(prefix + RECORD_TIMESTAMP)),
                new HeaderGroup(values, prefix).headers(),
                new ValueGroup(values, prefix)
                        .value(
                                connector,
                                values.getString(BrokerGroup.BROKER_NAME),
                                folder -> use.keeps()
                                        ? SchemaFile.at(folder.resolve(fileName(connector) + "." + name + ".json"))
                                        : SchemaFile.none()),
                RETAINED_CHOICES.constant(values.getString(prefix + RETAINED)) == Retained.SKIP,
                !new CaptureGroup(values).wills(),
                DECOMPRESSIONS.constant(values.getString(prefix + PAYLOAD_DECOMPRESS)),
                new ValueGroup(values, prefix).split(),
                limit());
    }

    /** Connectors may have any characters in their names. */
    private static String fileName(String connector) {
        return URLEncoder.encode(connector, StandardCharsets.UTF_8).replace("*", "%2A");
    }

    private Optional<KeyStruct> keyStruct() {
        List<NamedTemplate> fields = NamedTemplates.of(values.originalsStrings(), prefix + KAFKA_KEY_FIELD);
        return fields.isEmpty() ? Optional.empty() : Optional.of(new KeyStruct(fields));
    }

    private RecordLimit limit() {
        Map<String, String> properties = values.originalsStrings();
        return new RecordLimit(
                values.getInt(prefix + RECORD_MAX_BYTES),
                KnownConverter.keySize(properties, keyStruct().isPresent()),
                KnownConverter.valueSize(properties, new ValueGroup(values, prefix).format()));
    }

    private static String name(String text) {
        if (!ROUTE_NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("the name of a route is made of letters, digits, - and _");
        }
        return text;
    }

    private static List<String> names(Map<String, String> properties) {
        return Arrays.stream(properties.getOrDefault(ROUTES, "").split(","))
                .map(String::strip)
                .filter(name -> ROUTE_NAME.matcher(name).matches())
                .distinct()
                .toList();
    }

    private static String prefix(String name) {
        return ROUTE + name + ".";
    }
}
