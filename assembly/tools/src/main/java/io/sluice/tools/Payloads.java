package io.sluice.tools;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Bytes as people read them: text where they are text, and hexadecimal where not. */
public final class Payloads {

    private static final Pattern CONTROLS = Pattern.compile("[\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]");

    private Payloads() {}

    /** On a separate line: what would move the cursor is escaped, and what is no text is hexadecimal after {@code 0x}. */
    public static String shown(byte[] bytes) {
        return text(bytes)
                .map(Payloads::escaped)
                .orElseGet(() -> "0x" + HexFormat.of().formatHex(bytes));
    }

    /** Into a field as text, or, if it is no text, into one whose name ends in {@code Base64}. */
    public static void put(ObjectNode json, String field, byte[] bytes) {
        text(bytes)
                .ifPresentOrElse(
                        value -> json.put(field, value),
                        () -> json.put(field + "Base64", Base64.getEncoder().encodeToString(bytes)));
    }

    /** The bytes as text, if they are UTF-8. */
    public static Optional<String> text(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** What a device sends must not steer a terminal. */
    public static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(point -> {
            if (isSteering(point)) {
                escaped.append(point == '\n' ? "\\n" : point == '\t' ? "\t" : String.format("\\u%04x", point));
            } else {
                escaped.appendCodePoint(point);
            }
        });
        return escaped.toString();
    }

    /** Whether it moves the cursor, ends a line, or turns the direction of the text that follows. */
    private static boolean isSteering(int point) {
        return Character.isISOControl(point)
                || (point >= 0x2028 && point <= 0x202e)
                || (point >= 0x2066 && point <= 0x2069);
    }

    /** The same of several lines, which stay lines. */
    public static String escapedLines(String text) {
        return text.lines().map(Payloads::escaped).collect(Collectors.joining("\n"));
    }

    /** JSON without what steers a terminal: Jackson lets some of that stand. */
    public static String json(String json) {
        return CONTROLS.matcher(json)
                .replaceAll(control ->
                        String.format("\\\\u%04x", (int) control.group().charAt(0)));
    }
}
