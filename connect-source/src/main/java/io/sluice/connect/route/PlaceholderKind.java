package io.sluice.connect.route;

import com.fasterxml.jackson.core.JsonPointer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The table of placeholders, from which templates are parsed and which error messages and the documentation list. */
public enum PlaceholderKind {
    TOPIC("topic", "the MQTT topic", fields -> Optional.of(fields.message().topic())),
    TOPIC_LEVEL(
            "topic[",
            "N]",
            "a level of the topic: 0 is the first, -1 the last, as in `{topic[1]}`",
            PlaceholderKind::topicLevel),
    CLIENT_ID(
            "clientId",
            "the publisher's client identifier",
            fields -> Optional.of(fields.message().clientId())),
    USERNAME("username", "the publisher's user name", fields -> fields.message().username()),
    CERTIFICATE_NAME(
            "certificate.cn",
            "the common name of the publisher's client certificate",
            fields -> fields.message().certificateName()),
    QOS(
            "qos",
            "`0`, `1` or `2`",
            fields -> Optional.of(Integer.toString(fields.message().qos().level()))),
    RETAINED(
            "retained",
            "`true` or `false`",
            fields -> Optional.of(Boolean.toString(fields.message().retained()))),
    CONTENT_TYPE(
            "contentType",
            "MQTT 5 content type",
            fields -> fields.message().properties().contentType()),
    PROPERTY(
            "property.",
            "NAME",
            "MQTT 5 user property; the last one, if the name is repeated",
            PlaceholderKind::property),
    JSON(
            "json:",
            "/POINTER",
            "what a JSON pointer finds in a JSON payload, as in `{json:/device/id}`",
            argument -> json(argument, "json:", MessageFields::json)),
    WHOLE(
            "whole:",
            "/POINTER",
            "the same in the payload as it was before `value.split`, as in `{whole:/gateway}`",
            argument -> json(argument, "whole:", MessageFields::jsonOfWhole)),
    ELEMENT(
            "element",
            "which element `value.split` has made the record of, from 0",
            fields -> fields.id().element().stream().mapToObj(Integer::toString).findFirst()),
    TIMESTAMP(
            "timestamp:",
            "PATTERN",
            "when the broker received the message, in UTC, as in `{timestamp:yyyy-MM-dd}`",
            PlaceholderKind::timestamp);

    /** Finds its value in a message; absent if the message has none. */
    @FunctionalInterface
    interface Placeholder {
        Optional<String> of(MessageFields fields);
    }

    private final String begin;
    private final String argument;
    private final String meaning;

    @SuppressWarnings("ImmutableEnumChecker") // functions without state
    private final Function<String, Placeholder> parser;

    PlaceholderKind(String word, String meaning, Placeholder value) {
        this(word, "", meaning, none -> value);
    }

    /**
     * @param begin what stands between the braces, or begins what does
     * @param argument what follows there; empty: nothing
     * @param parser makes a placeholder of the argument, or throws {@link IllegalArgumentException} with a sentence
     */
    PlaceholderKind(String begin, String argument, String meaning, Function<String, Placeholder> parser) {
        this.begin = begin;
        this.argument = argument;
        this.meaning = meaning;
        this.parser = parser;
    }

    /** How it is written, such as <code>{property.NAME}</code>. */
    public String written() {
        return "{" + begin + argument + "}";
    }

    /** What it stands for, in Markdown. */
    public String meaning() {
        return meaning;
    }

    /** @throws IllegalArgumentException with one sentence that says what is wrong */
    static Placeholder parse(String text) {
        return Arrays.stream(values())
                .filter(kind -> kind.argument.isEmpty() ? text.equals(kind.begin) : text.startsWith(kind.begin))
                .findFirst()
                .map(kind -> kind.parser.apply(text.substring(kind.begin.length())))
                .orElseThrow(() -> new IllegalArgumentException("there is no placeholder {" + text
                        + "}; the placeholders are "
                        + Arrays.stream(values()).map(PlaceholderKind::written).collect(Collectors.joining(", "))
                        + "; a brace is written {{"));
    }

    private static Placeholder topicLevel(String argument) {
        if (!argument.matches("-?\\d{1,5}]")) {
            throw new IllegalArgumentException("{topic[" + argument
                    + "} is no level of the topic: write {topic[0]} for the first,"
                    + " {topic[1]} for the second, {topic[-1]} for the last");
        }
        int index = Integer.parseInt(argument.substring(0, argument.length() - 1));
        return fields -> fields.topicLevel(index);
    }

    private static Placeholder property(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("{property.} lacks the name of a user property, as in {property.site}");
        }
        return fields -> fields.property(name);
    }

    private static Placeholder json(
            String argument, String begin, BiFunction<MessageFields, JsonPointer, Optional<String>> ask) {
        try {
            JsonPointer pointer = JsonPointer.compile(argument);
            return fields -> ask.apply(fields, pointer);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "{" + begin + argument + "} has no JSON pointer: it begins with a slash, as in {json:/device/id}",
                    e);
        }
    }

    private static Placeholder timestamp(String pattern) {
        try {
            DateTimeFormatter formatter =
                    DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
            if (formatter.format(Instant.EPOCH).isEmpty()) {
                throw new IllegalArgumentException("it is empty");
            }
            return fields -> Optional.of(
                    formatter.format(Instant.ofEpochMilli(fields.message().receivedAtMs())));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IllegalArgumentException(
                    "{timestamp:" + pattern + "} has no pattern of a date or time, such as {timestamp:yyyy-MM-dd}: "
                            + e.getMessage(),
                    e);
        }
    }
}
