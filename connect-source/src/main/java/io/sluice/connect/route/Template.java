package io.sluice.connect.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A text with placeholders in braces, such as {@code site.{topic[1]}.{username|anonymous}}. Parsed once; immutable and
 * thread-safe.
 *
 * <p>A placeholder may name a default after a bar, which stands in for a value that is absent or empty. Two opening
 * braces are one. Braces without a dollar sign leave Kafka Connect's config providers alone.
 */
public final class Template {

    private final String text;
    private final List<Part> parts;

    private Template(String text, List<Part> parts) {
        this.text = text;
        this.parts = List.copyOf(parts);
    }

    private sealed interface Part {

        /** The piece for a message; absent if the message lacks what it needs. */
        Optional<String> of(MessageFields fields);
    }

    private record Literal(Optional<String> text) implements Part {

        @Override
        public Optional<String> of(MessageFields fields) {
            return text;
        }
    }

    private record Value(PlaceholderKind.Placeholder placeholder, Optional<String> byDefault) implements Part {

        @Override
        public Optional<String> of(MessageFields fields) {
            Optional<String> value = placeholder.of(fields);
            return value.isEmpty() || value.get().isEmpty() ? byDefault : value;
        }
    }

    /**
     * Parses a template.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public static Template of(String text) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith("{{", at)) {
                literal.append('{');
                at += 2;
            } else if (text.charAt(at) == '{') {
                int end = text.indexOf('}', at);
                if (end < 0) {
                    throw new IllegalArgumentException(
                            "the brace at character " + (at + 1) + " is not closed; a brace itself is written {{");
                }
                if (at > 0 && text.charAt(at - 1) == '$') {
                    throw new IllegalArgumentException("$" + text.substring(at, end + 1)
                            + " is the syntax of Kafka Connect's config providers; a placeholder has no dollar sign, as"
                            + " in "
                            + text.substring(at, end + 1));
                }
                addLiteral(parts, literal);
                literal.setLength(0);
                parts.add(value(text.substring(at + 1, end)));
                at = end + 1;
            } else {
                literal.append(text.charAt(at++));
            }
        }
        addLiteral(parts, literal);
        return new Template(text, parts);
    }

    private static void addLiteral(List<Part> parts, StringBuilder literal) {
        if (!literal.isEmpty()) {
            parts.add(new Literal(Optional.of(literal.toString())));
        }
    }

    private static Value value(String written) {
        int bar = written.indexOf('|');
        if (bar < 0) {
            return new Value(PlaceholderKind.parse(written), Optional.empty());
        }
        return new Value(PlaceholderKind.parse(written.substring(0, bar)), Optional.of(written.substring(bar + 1)));
    }

    /** The text for a message; what the message lacks, and what has no default, is left empty. */
    public String render(MessageFields fields) {
        if (parts.size() == 1) {
            return parts.get(0).of(fields).orElse("");
        }
        StringBuilder rendered = new StringBuilder();
        for (Part part : parts) {
            part.of(fields).ifPresent(rendered::append);
        }
        return rendered.toString();
    }

    /** The text for a message; absent if the message lacks anything that has no default. */
    public Optional<String> renderAll(MessageFields fields) {
        StringBuilder rendered = new StringBuilder();
        for (Part part : parts) {
            Optional<String> text = part.of(fields);
            if (text.isEmpty()) {
                return text;
            }
            rendered.append(text.get());
        }
        return Optional.of(rendered.toString());
    }

    /** The text, if it is the same for every message. */
    public Optional<String> fixed() {
        if (parts.isEmpty()) {
            return Optional.of("");
        }
        return parts.size() == 1 ? leadingLiteral() : Optional.empty();
    }

    /** The literal that every text of this template begins with, if any. */
    public Optional<String> leadingLiteral() {
        return !parts.isEmpty() && parts.get(0) instanceof Literal literal ? literal.text() : Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Template that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
