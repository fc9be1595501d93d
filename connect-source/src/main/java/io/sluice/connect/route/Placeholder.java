package io.sluice.connect.route;

import com.fasterxml.jackson.core.JsonPointer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A placeholder of a template: finds its value in a message, if the message has one. */
@FunctionalInterface
interface Placeholder {

    /** Every placeholder there is, as error messages and the documentation list them. */
    String KNOWN =
            "{topic}, {topic[0]} (its first level), {topic[-1]} (its last), {clientId}, {username}, {qos}, {retained},"
                    + " {contentType}, {property.NAME}, {json:/POINTER}, {timestamp:PATTERN}";

    /** The value, absent if the message has none. */
    Optional<String> of(MessageFields fields);

    /**
     * The placeholder of a name, as it is written between braces.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    static Placeholder named(String name) {
        return switch (name) {
            case "topic" -> fields -> Optional.of(fields.message().topic());
            case "clientId" -> fields -> Optional.of(fields.message().clientId());
            case "username" -> fields -> fields.message().username();
            case "qos" ->
                fields -> Optional.of(Integer.toString(fields.message().qos().level()));
            case "retained" ->
                fields -> Optional.of(Boolean.toString(fields.message().retained()));
            case "contentType" -> fields -> fields.message().properties().contentType();
            default -> withArgument(name);
        };
    }

    private static Placeholder withArgument(String name) {
        if (name.startsWith("topic[")) {
            int index = topicIndex(name);
            return fields -> fields.topicLevel(index);
        }
        if (name.startsWith("property.") && name.length() > "property.".length()) {
            String property = name.substring("property.".length());
            return fields -> fields.property(property);
        }
        if (name.startsWith("json:")) {
            JsonPointer pointer = jsonPointer(name);
            return fields -> fields.json(pointer);
        }
        if (name.startsWith("timestamp:")) {
            DateTimeFormatter formatter = timestampPattern(name);
            return fields -> Optional.of(
                    formatter.format(Instant.ofEpochMilli(fields.message().receivedAtMs())));
        }
        throw new IllegalArgumentException(
                "there is no placeholder {" + name + "}; the placeholders are " + KNOWN + "; a brace is written {{");
    }

    private static int topicIndex(String name) {
        Matcher matcher = Pattern.compile("topic\\[(-?\\d{1,5})]").matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "{" + name + "} is no level of the topic: write {topic[0]} for the first,"
                            + " {topic[1]} for the second, {topic[-1]} for the last");
        }
        return Integer.parseInt(matcher.group(1));
    }

    private static JsonPointer jsonPointer(String name) {
        try {
            return JsonPointer.compile(name.substring("json:".length()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "{" + name + "} has no JSON pointer: it begins with a slash, as in {json:/device/id}", e);
        }
    }

    /** Times are in UTC. */
    private static DateTimeFormatter timestampPattern(String name) {
        String pattern = name.substring("timestamp:".length());
        try {
            DateTimeFormatter formatter =
                    DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
            String tried = formatter.format(Instant.EPOCH);
            if (tried.isEmpty()) {
                throw new IllegalArgumentException("it is empty");
            }
            return formatter;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IllegalArgumentException(
                    "{" + name + "} has no pattern of a date or time, such as {timestamp:yyyy-MM-dd}: "
                            + e.getMessage(),
                    e);
        }
    }
}
