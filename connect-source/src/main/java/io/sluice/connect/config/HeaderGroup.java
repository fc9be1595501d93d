package io.sluice.connect.config;

import io.sluice.connect.format.AllowedNames;
import io.sluice.connect.format.HeaderSelection;
import io.sluice.connect.format.HeaderWriter;
import io.sluice.connect.format.MqttHeader;
import io.sluice.connect.route.RecordHeaders;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** The headers of a route's records; a part of {@link RouteGroup}, which says where its keys begin. */
record HeaderGroup(AbstractConfig values, String prefix) {

    static final String MQTT_HEADERS = "mqtt.headers";
    static final String KAFKA_HEADERS = "kafka.headers";
    static final String KAFKA_HEADERS_CHARSET = "kafka.headers.charset";

    /** Begins keys whose last part users make up. */
    static final String KAFKA_HEADER = "kafka.header.";

    /** Kafka Connect's own key, which the headers must fit. */
    static final String HEADER_CONVERTER = "header.converter";

    private static final String MQTT_HEADERS_DOC =
            "The headers that tell where a record came from, comma-separated; `all` or `none`. `mqtt.property.*` stands"
                    + " for MQTT 5 user properties, each of which becomes a header. `mqtt.correlation.data` are bytes:"
                    + " ByteArrayConverter leaves them, and every other `header.converter` makes Base64 of them.";
    private static final String KAFKA_HEADERS_DOC =
            "The names of headers that records may have, comma-separated; `*` stands for any characters, as in"
                    + " `mqtt.topic,mqtt.property.site-*`. Of what `mqtt.headers` chooses, a header of any other name is left"
                    + " out. Those of `kafka.header.<name>` and of `value.format` must be among them. Dead letters have all"
                    + " headers. `mqtt.headers=none` leaves out all that tell where a record came from.";
    private static final String KAFKA_HEADER_DOC =
            "Template of a header of that name. A record has no such header if the text is empty.";
    private static final String KAFKA_HEADERS_CHARSET_DOC = "The charset of headers. Any other than UTF-8 needs"
            + " `header.converter=org.apache.kafka.connect.converters.ByteArrayConverter`; with that converter"
            + " Sluice hands headers over as bytes in this charset, with any other converter as text."
            + " Characters that the charset lacks become question marks.";

    private static final String ALL = "all";
    private static final String NONE = "none";
    private static final String WORDS = Stream.concat(
                    Stream.of(ALL, NONE), Arrays.stream(MqttHeader.values()).map(MqttHeader::key))
            .collect(Collectors.joining(", "));

    static void define(Keys keys, Map<String, String> properties) {
        keys.list(MQTT_HEADERS, ALL, new Syntax(WORDS, HeaderGroup::header))
                .as(Importance.MEDIUM, "Headers", MQTT_HEADERS_DOC)
                .list(KAFKA_HEADERS, "*", new Syntax("names, or parts of names and *", HeaderGroup::pattern))
                .as(Importance.LOW, "Allowed headers", KAFKA_HEADERS_DOC)
                .text(
                        KAFKA_HEADERS_CHARSET,
                        StandardCharsets.UTF_8.name(),
                        new Syntax("name of a charset", HeaderGroup::charset))
                .as(Importance.LOW, "Charset of headers", KAFKA_HEADERS_CHARSET_DOC);
        NamedTemplates.define(keys, KAFKA_HEADER, properties, KAFKA_HEADER_DOC, "Header");
    }

    static void validate(CheckedValues values) {
        values.text(KAFKA_HEADERS_CHARSET)
                .filter(charset -> !charset(charset).equals(StandardCharsets.UTF_8)
                        && !KnownConverter.BYTE_ARRAY.isSet(values.properties(), HEADER_CONVERTER))
                .ifPresent(charset -> values.refuse(
                        KAFKA_HEADERS_CHARSET,
                        " is " + charset
                                + ", with which headers are bytes, and only one converter passes these on unchanged: set "
                                + KnownConverter.BYTE_ARRAY.as(HEADER_CONVERTER) + "."));
    }

    /** Refuses a configuration that leaves out a header which it asks for by name. */
    static void validateAllowed(CheckedValues values, Set<String> ofFormat) {
        List<String> patterns = values.list(KAFKA_HEADERS);
        if (patterns.isEmpty()) {
            return;
        }
        AllowedNames allowed = new AllowedNames(patterns);
        NamedTemplates.names(values.byKey(), values.name(KAFKA_HEADER))
                .filter(name -> !values.text(KAFKA_HEADER + name).orElse("").isEmpty())
                .filter(name -> !allowed.has(name))
                .findFirst()
                .ifPresent(name -> refuse(values, name, KAFKA_HEADER + name));
        ofFormat.stream()
                .filter(name -> !allowed.has(name))
                .sorted()
                .findFirst()
                .ifPresent(name -> refuse(values, name, ValueGroup.VALUE_FORMAT));
    }

    private static void refuse(CheckedValues values, String header, String setBy) {
        values.refuse(
                KAFKA_HEADERS,
                " leaves out the header " + header + ", which " + values.name(setBy)
                        + " sets: add its name, or leave out what sets it.");
    }

    RecordHeaders headers() {
        return new RecordHeaders(
                selection(values.getList(prefix + MQTT_HEADERS)),
                NamedTemplates.of(values.originalsStrings(), prefix + KAFKA_HEADER),
                form(),
                new AllowedNames(values.getList(prefix + KAFKA_HEADERS)));
    }

    HeaderWriter.Form form() {
        Map<String, String> properties = values.originalsStrings();
        return new HeaderWriter.Form(
                KnownConverter.BYTE_ARRAY.isSet(properties, HEADER_CONVERTER)
                        ? Optional.of(charset(values.getString(prefix + KAFKA_HEADERS_CHARSET)))
                        : Optional.empty(),
                KnownConverter.STRING.isSet(properties, HEADER_CONVERTER),
                KnownConverter.headerSize(properties));
    }

    private static HeaderSelection selection(List<String> words) {
        if (words.contains(ALL)) {
            return HeaderSelection.ALL;
        }
        return new HeaderSelection(words.stream()
                .map(HeaderGroup::header)
                .flatMap(Optional::stream)
                .collect(Collectors.toSet()));
    }

    /** The header a word stands for; {@code all} and {@code none} stand for no single one. */
    private static Optional<MqttHeader> header(String word) {
        Optional<MqttHeader> header = MqttHeader.ofKey(word);
        if (header.isEmpty() && !word.equals(ALL) && !word.equals(NONE)) {
            throw new IllegalArgumentException("it is none of " + WORDS);
        }
        return header;
    }

    private static void pattern(String pattern) {
        if (pattern.isBlank()) {
            throw new IllegalArgumentException("a name is missing; * stands for all headers, and " + MQTT_HEADERS + "="
                    + NONE + " leaves out those that tell where a record came from");
        }
    }

    private static Charset charset(String name) {
        try {
            Charset charset = Charset.forName(name.strip());
            charset.newEncoder(); // some can only be read
            return charset;
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new IllegalArgumentException(
                    "there is no such charset that can be written; UTF-8, ISO-8859-1, US-ASCII and UTF-16BE are some",
                    e);
        }
    }
}
