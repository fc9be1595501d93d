package io.sluice.connect.config;

import io.sluice.connect.format.HeaderSelection;
import io.sluice.connect.format.MqttHeader;
import io.sluice.connect.format.ValueFormat;
import io.sluice.connect.route.KafkaTopic;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.Template;
import io.sluice.message.TopicFilter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/**
 * A route: which MQTT topics go to which Kafka topic, and as what.
 *
 * <p>A connector has one route, or names several with {@code routes}. The keys of a named route begin with
 * {@code route.<name>.}; what it leaves out, but for its filters, it takes from the connector's keys of the same name.
 */
final class RouteGroup {

    static final String NAME = "Route";

    static final String ROUTES = "routes";
    static final String TOPIC_FILTERS = "topic.filters";
    static final String KAFKA_TOPIC = "kafka.topic";
    static final String KAFKA_TOPIC_ALLOW = "kafka.topic.allow";
    static final String KAFKA_TOPIC_MAX_DISTINCT = "kafka.topic.max.distinct";
    static final String KAFKA_KEY = "kafka.key";
    static final String MQTT_HEADERS = "mqtt.headers";
    static final String VALUE_FORMAT = "value.format";
    static final String RETAINED = "retained";
    static final String RECORD_MAX_BYTES = "record.max.bytes";

    private static final String ROUTES_DOC =
            "Names of several routes, comma-separated. Each has keys of its own, `route.<name>.topic.filters` and so on"
                    + " for every key below; what it leaves out, but for its filters, it takes from the key without"
                    + " the prefix. A message that several routes take becomes several records.";
    private static final String TOPIC_FILTERS_DOC =
            "MQTT topic filters, comma-separated. A message that several of them match becomes one record. Topics that"
                    + " begin with `$` are matched only by filters that begin with it.";
    private static final String KAFKA_TOPIC_DOC =
            "Template of the Kafka topic. In a name made from a template `/` becomes `.` and every other character that"
                    + " Kafka forbids `_`; `.`, `..`, names that begin with `__` and names above 249 characters are"
                    + " refused.";
    private static final String KAFKA_TOPIC_ALLOW_DOC =
            "Regular expression that Kafka topics made from a template must match as a whole. Unset: the template must"
                    + " begin with a literal, so that devices cannot choose any topic.";
    private static final String KAFKA_TOPIC_MAX_DISTINCT_DOC =
            "How many different Kafka topics a template may make; messages for one more cannot be mapped.";
    private static final String KAFKA_KEY_DOC = "Template of the record key. Empty: records have no key.";
    private static final String MQTT_HEADERS_DOC =
            "The headers that tell where a record came from, comma-separated; `all` or `none`. `mqtt.property.*` stands"
                    + " for MQTT 5 user properties, each of which becomes a header.";
    private static final String VALUE_FORMAT_DOC =
            "What the record value is. `bytes`: the payload (use ByteArrayConverter). `string`: the payload as text,"
                    + " which must be UTF-8 (use StringConverter).";
    private static final String RETAINED_DOC =
            "What becomes of publishes whose retain flag is set: `forward` or `skip`.";
    private static final String RECORD_MAX_BYTES_DOC =
            "The largest record, in bytes of key, value and headers; a message that makes a larger one cannot be mapped."
                    + " Keep it below the producer's `max.request.size`.";

    /** What becomes of retained publishes. */
    private enum Retained {
        FORWARD,
        SKIP
    }

    private static final Choice<ValueFormat> FORMATS = Choice.of(ValueFormat.class, '-');
    private static final Choice<Retained> RETAINED_CHOICES = Choice.of(Retained.class, '.');
    private static final Pattern ROUTE_NAME = Pattern.compile("[A-Za-z0-9_-]+");
    private static final String ALL = "all";
    private static final String NONE = "none";
    private static final String HEADER_WORDS = Stream.concat(
                    Stream.of(ALL, NONE), Arrays.stream(MqttHeader.values()).map(MqttHeader::key))
            .collect(Collectors.joining(", "));
    private static final List<String> INHERITED = List.of(
            KAFKA_TOPIC,
            KAFKA_TOPIC_ALLOW,
            KAFKA_TOPIC_MAX_DISTINCT,
            KAFKA_KEY,
            MQTT_HEADERS,
            VALUE_FORMAT,
            RETAINED,
            RECORD_MAX_BYTES);

    private final AbstractConfig values;
    private final String prefix;

    /** The route whose keys begin with a prefix, which is empty for the one without a name. */
    private RouteGroup(AbstractConfig values, String prefix) {
        this.values = values;
        this.prefix = prefix;
    }

    static void update(ConfigDef definition) {
        Keys keys = new Keys(definition, NAME)
                .define(
                        ROUTES,
                        ConfigDef.Type.LIST,
                        null,
                        Syntax.of("names of letters, digits, - and _", RouteGroup::name),
                        Importance.MEDIUM,
                        ROUTES_DOC,
                        "Routes");
        define(keys, "", "#");
    }

    /** Adds the keys of the named routes of a configuration. */
    static void update(ConfigDef definition, Map<String, String> properties) {
        for (String name : names(properties)) {
            define(new Keys(definition, NAME + " " + name), prefix(name), ConfigDef.NO_DEFAULT_VALUE);
        }
    }

    private static void define(Keys keys, String prefix, Object filters) {
        keys.define(
                        prefix + TOPIC_FILTERS,
                        ConfigDef.Type.LIST,
                        filters,
                        Syntax.of("MQTT topic filters", TopicFilter::of),
                        Importance.HIGH,
                        TOPIC_FILTERS_DOC,
                        "Topic filters")
                .define(
                        prefix + KAFKA_TOPIC,
                        ConfigDef.Type.STRING,
                        "mqtt.messages",
                        Syntax.of("template", Template::of),
                        Importance.HIGH,
                        KAFKA_TOPIC_DOC,
                        "Kafka topic")
                .define(
                        prefix + KAFKA_TOPIC_ALLOW,
                        ConfigDef.Type.STRING,
                        null,
                        Syntax.of("regular expression", RouteGroup::pattern),
                        Importance.MEDIUM,
                        KAFKA_TOPIC_ALLOW_DOC,
                        "Allowed Kafka topics")
                .define(
                        prefix + KAFKA_TOPIC_MAX_DISTINCT,
                        ConfigDef.Type.INT,
                        1_000,
                        ConfigDef.Range.atLeast(1),
                        Importance.LOW,
                        KAFKA_TOPIC_MAX_DISTINCT_DOC,
                        "Most Kafka topics")
                .define(
                        prefix + KAFKA_KEY,
                        ConfigDef.Type.STRING,
                        "{topic}",
                        Syntax.of("template", Template::of),
                        Importance.HIGH,
                        KAFKA_KEY_DOC,
                        "Key")
                .define(
                        prefix + MQTT_HEADERS,
                        ConfigDef.Type.LIST,
                        ALL,
                        Syntax.of(HEADER_WORDS, RouteGroup::header),
                        Importance.MEDIUM,
                        MQTT_HEADERS_DOC,
                        "Headers")
                .define(
                        prefix + VALUE_FORMAT,
                        ConfigDef.Type.STRING,
                        FORMATS.word(ValueFormat.BYTES),
                        FORMATS,
                        Importance.HIGH,
                        VALUE_FORMAT_DOC,
                        "Format")
                .define(
                        prefix + RETAINED,
                        ConfigDef.Type.STRING,
                        RETAINED_CHOICES.word(Retained.FORWARD),
                        RETAINED_CHOICES,
                        Importance.LOW,
                        RETAINED_DOC,
                        "Retained publishes")
                .define(
                        prefix + RECORD_MAX_BYTES,
                        ConfigDef.Type.INT,
                        1_000_000,
                        ConfigDef.Range.atLeast(1),
                        Importance.MEDIUM,
                        RECORD_MAX_BYTES_DOC,
                        "Largest record");
    }

    /** A configuration in which the named routes say themselves what they take from the connector's keys. */
    static Map<String, String> inherited(Map<String, String> properties) {
        Map<String, String> complete = new HashMap<>(properties);
        for (String name : names(properties)) {
            for (String key : INHERITED) {
                if (properties.containsKey(key)) {
                    complete.putIfAbsent(prefix(name) + key, properties.get(key));
                }
            }
        }
        return complete;
    }

    static void validate(CheckedValues values) {
        List<String> names = values.list(ROUTES);
        if (names.isEmpty()) {
            validate(values, "");
        }
        names.forEach(name -> validate(values, prefix(name)));
    }

    private static void validate(CheckedValues values, String prefix) {
        Optional<String> topic = values.text(prefix + KAFKA_TOPIC);
        if (topic.isEmpty()) {
            return;
        }
        Optional<Pattern> allowed = values.text(prefix + KAFKA_TOPIC_ALLOW).map(Pattern::compile);
        try {
            new KafkaTopic(Template.of(topic.get()), allowed, 1);
        } catch (IllegalArgumentException e) {
            values.refuse(
                    prefix + KAFKA_TOPIC,
                    "Invalid value " + topic.get() + " for configuration " + prefix + KAFKA_TOPIC + ": "
                            + e.getMessage());
        }
    }

    /** The routes of a valid configuration. */
    static List<Route> routes(AbstractConfig values) {
        List<String> names = values.getList(ROUTES);
        if (names == null) {
            return List.of(new RouteGroup(values, "").route("default"));
        }
        return names.stream()
                .map(name -> new RouteGroup(values, prefix(name)).route(name))
                .toList();
    }

    private Route route(String name) {
        Optional<Pattern> allowed = Optional.ofNullable(values.getString(prefix + KAFKA_TOPIC_ALLOW))
                .map(Pattern::compile);
        return new Route(
                name,
                values.getList(prefix + TOPIC_FILTERS).stream()
                        .map(TopicFilter::of)
                        .toList(),
                new KafkaTopic(
                        Template.of(values.getString(prefix + KAFKA_TOPIC)),
                        allowed,
                        values.getInt(prefix + KAFKA_TOPIC_MAX_DISTINCT)),
                Template.of(values.getString(prefix + KAFKA_KEY)),
                headers(values.getList(prefix + MQTT_HEADERS)),
                FORMATS.constant(values.getString(prefix + VALUE_FORMAT)),
                RETAINED_CHOICES.constant(values.getString(prefix + RETAINED)) == Retained.SKIP,
                !new CaptureGroup(values).wills(),
                values.getInt(prefix + RECORD_MAX_BYTES));
    }

    private static HeaderSelection headers(List<String> words) {
        if (words.contains(ALL)) {
            return HeaderSelection.ALL;
        }
        return HeaderSelection.of(
                words.stream().map(RouteGroup::header).flatMap(Optional::stream).collect(Collectors.toSet()));
    }

    /** The header a word stands for; {@code all} and {@code none} stand for no single one. */
    private static Optional<MqttHeader> header(String word) {
        Optional<MqttHeader> header = MqttHeader.ofKey(word);
        if (header.isEmpty() && !word.equals(ALL) && !word.equals(NONE)) {
            throw new IllegalArgumentException("it is none of " + HEADER_WORDS);
        }
        return header;
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("it is not a regular expression: " + e.getDescription(), e);
        }
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
        return "route." + name + ".";
    }
}
