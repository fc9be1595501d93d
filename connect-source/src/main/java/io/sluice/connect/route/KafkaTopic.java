package io.sluice.connect.route;

import io.sluice.connect.format.UnmappableException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The Kafka topic of a route: a template, and the rules that keep devices from writing where they must not.
 *
 * <p>In a name made from a template {@code /} becomes {@code .} and every other character that Kafka forbids becomes
 * {@code _}, unless one replacement is given for both. Kafka takes names that differ in {@code .} and {@code _} only for
 * one, and does not create the second: it is refused here too, as the first one made is there already. Names that are {@code .} or {@code ..}, begin with {@code __} as Kafka's internal topics do, are longer than
 * 249 characters, or do not match the pattern of allowed names are refused, and so is one distinct name too many.
 * Not thread-safe.
 */
public final class KafkaTopic {

    private static final int MAX_LENGTH = 249;

    private final Template template;
    private final Optional<String> fixed;
    private final Optional<Pattern> allowed;
    private final int maxDistinct;
    private final Optional<Character> replacement;

    private final Set<String> known = new HashSet<>();

    private final KafkaNames all;

    /**
     * @param template what the name is made from
     * @param allowed what names made from a template must match as a whole; absent: the template must begin with a
     *     literal, so that devices choose among the user's own topics only
     * @param maxDistinct how many names may be made
     * @param replacement what takes the place of characters that Kafka forbids; absent: {@code .} of {@code /}, and
     *     {@code _} of all others
     * @param all the topics of the connector, to which this adds those that it makes
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public KafkaTopic(
            Template template,
            Optional<Pattern> allowed,
            int maxDistinct,
            Optional<Character> replacement,
            KafkaNames all) {
        this.template = template;
        this.fixed = template.fixed();
        this.allowed = allowed;
        this.maxDistinct = maxDistinct;
        this.replacement = replacement;
        this.all = all;
        if (fixed.isPresent()) {
            checkFixed(fixed.get());
            all.add(fixed.get());
        } else if (template.leadingLiteral().isEmpty() && allowed.isEmpty()) {
            throw new IllegalArgumentException(
                    "it begins with a placeholder, so that devices could write to any topic: begin with a literal, as in"
                            + " iot." + template + ", or say with kafka.topic.allow which topics are allowed");
        }
    }

    /**
     * A topic whose name is the same for every message.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public static KafkaTopic named(String name) {
        Template template = Template.of(name);
        if (template.fixed().isEmpty()) {
            throw new IllegalArgumentException("it has placeholders; name one Kafka topic");
        }
        return new KafkaTopic(template, Optional.empty(), 1, Optional.empty(), new KafkaNames());
    }

    private static void checkFixed(String name) {
        Optional<String> objection = objection(name);
        if (objection.isPresent()) {
            throw new IllegalArgumentException(objection.get());
        }
        if (!name.chars().allMatch(c -> isLegal((char) c))) {
            throw new IllegalArgumentException("Kafka's topic names are made of letters, digits, '.', '_' and '-'");
        }
    }

    /**
     * The topic for a message.
     *
     * @throws UnmappableException if the message lacks what the template needs, or the name is refused
     */
    public String of(MessageFields fields) throws UnmappableException {
        if (fixed.isPresent()) {
            return fixed.get();
        }
        String rendered = template.renderAll(fields)
                .orElseThrow(
                        () -> new UnmappableException("the message has no value for every placeholder of kafka.topic "
                                + template + "; a default can be given after a bar, as in {username|anonymous}"));
        String name = legal(rendered);
        if (!known.contains(name)) {
            check(name);
            known.add(name);
        }
        return name;
    }

    private void check(String name) throws UnmappableException {
        Optional<String> objection = objection(name);
        if (objection.isPresent()) {
            throw refused(abbreviated(name), "is not a valid topic: " + objection.get());
        }
        if (allowed.isPresent() && !allowed.get().matcher(name).matches()) {
            throw refused(name, "does not match kafka.topic.allow " + allowed.get());
        }
        if (known.size() >= maxDistinct) {
            throw refused(name, "would be one topic more than kafka.topic.max.distinct " + maxDistinct + " allows");
        }
        Optional<String> other = all.add(name);
        if (other.isPresent()) {
            throw refused(
                    name,
                    "is the same as '" + other.get() + "' to Kafka, which does not tell '.' and '_' apart: set"
                            + " kafka.topic.replacement to '-'");
        }
    }

    private UnmappableException refused(String name, String why) {
        return new UnmappableException("'" + name + "', made from kafka.topic " + template + ", " + why);
    }

    private static Optional<String> objection(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            return Optional.of("Kafka does not take '" + name + "' as the name of a topic");
        }
        if (name.startsWith("__")) {
            return Optional.of("names that begin with '__' are Kafka's own");
        }
        if (name.length() > MAX_LENGTH) {
            return Optional.of("it has " + name.length() + " characters, and Kafka takes " + MAX_LENGTH + " at most");
        }
        return Optional.empty();
    }

    private static String abbreviated(String name) {
        return name.length() <= 60 ? name : name.substring(0, 60) + "…";
    }

    private String legal(String name) {
        StringBuilder legal = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            legal.append(isLegal(c) ? c : replacement.orElse(c == '/' ? '.' : '_'));
        }
        return legal.toString();
    }

    private static boolean isLegal(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }
}
