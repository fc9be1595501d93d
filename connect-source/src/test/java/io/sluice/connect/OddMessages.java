package io.sluice.connect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.message.Message;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes what devices may publish, and hardly any of them does. The same seed makes the same messages. */
final class OddMessages {

    private static final List<Charset> CHARSETS = List.of(UTF_8, UTF_16LE, ISO_8859_1, Charset.forName("UTF-32BE"));
    private static final List<String> ODD_TEXTS = List.of(
            "",
            " ",
            "\u0000",
            "\uFEFF",
            "..",
            ".",
            "__consumer_offsets",
            "a/b",
            "ä",
            "🙂",
            "\u202e",
            "{topic}",
            "${env:HOME}",
            "\"",
            "\\",
            "\r\n",
            "NaN",
            "null",
            "-1",
            "1e400",
            "\uFFFD");

    private final Random random;

    OddMessages(long seed) {
        random = new Random(seed);
    }

    /** The next one, published to a topic that no well-behaved device has. */
    Message next() {
        MessageBuilder message = MessageBuilder.to("odd/" + topic())
                .from(clientId())
                .payload(payload())
                .qos(random.nextInt(3))
                .receivedAt(receivedAt());
        if (oneIn(3)) {
            message.username(text(40));
        }
        if (oneIn(4)) {
            message.retained();
        }
        if (oneIn(4)) {
            message.duplicate();
        }
        if (oneIn(8)) {
            message.will();
        }
        if (oneIn(3)) {
            properties(message);
        }
        return message.build();
    }

    private void properties(MessageBuilder message) {
        for (int left = oneIn(50) ? 3_000 : random.nextInt(4); left > 0; left--) {
            message.property(text(12), text(30));
        }
        if (oneIn(2)) {
            message.contentType(oneIn(3) ? "application/cloudevents+json" : text(20));
        }
        if (oneIn(3)) {
            message.responseTopic(text(20));
        }
        if (oneIn(3)) {
            message.correlationData(bytes(random.nextInt(oneIn(20) ? 65_536 : 20)));
        }
        if (oneIn(3)) {
            message.expiry(oneIn(2) ? 0xFFFFFFFFL : random.nextInt(100));
        }
        if (oneIn(2)) {
            message.payloadIsUtf8();
        }
    }

    private String topic() {
        return switch (random.nextInt(6)) {
            case 0 -> "";
            case 1 -> "/".repeat(1 + random.nextInt(20));
            case 2 -> oneIn(10) ? "x".repeat(65_000) : "x".repeat(300);
            default ->
                IntStream.range(0, random.nextInt(5))
                        .mapToObj(level -> text(10).replaceAll("[+#]", "-"))
                        .collect(Collectors.joining("/"));
        };
    }

    private String clientId() {
        return oneIn(30) ? "c".repeat(65_535) : "odd-" + text(20);
    }

    private long receivedAt() {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> -random.nextLong(1L << 40);
            case 2 -> Long.MAX_VALUE - random.nextInt(10);
            case 3 -> 32_503_680_000_000L; // the year 3000
            default -> MessageBuilder.RECEIVED_AT_MS;
        };
    }

    private byte[] payload() {
        return switch (random.nextInt(10)) {
            case 0 -> new byte[0];
            case 1 -> new byte[] {0, 0, 1, 0};
            case 2 -> bytes(random.nextInt(64));
            case 3 -> bytes(oneIn(10) ? 900_000 + random.nextInt(100_000) : 1_000);
            case 4 ->
                (oneIn(2) ? "[" : "{\"id\":").repeat(random.nextInt(5_000)).getBytes(UTF_8);
            case 5 -> damaged(json(4).getBytes(UTF_8));
            case 6 -> ("\uFEFF" + json(3)).getBytes(CHARSETS.get(random.nextInt(CHARSETS.size())));
            case 7 ->
                "\u0001\"".repeat(random.nextInt(oneIn(10) ? 400_000 : 100)).getBytes(UTF_8);
            default -> (json(4) + (oneIn(4) ? "\u0000" : oneIn(4) ? "," : "")).getBytes(UTF_8);
        };
    }

    private String json(int depth) {
        if (depth == 0) {
            return value();
        }
        return switch (random.nextInt(4)) {
            case 0 -> value();
            case 1 ->
                IntStream.range(0, random.nextInt(4))
                        .mapToObj(i -> json(depth - 1))
                        .collect(Collectors.joining(",", "[", oneIn(5) ? ",]" : "]"));
            default ->
                List.of("id", "id", "time", "nested", "x").stream()
                        .limit(random.nextInt(6))
                        .map(name -> "\"" + name + "\":" + json(depth - 1))
                        .collect(Collectors.joining(",", "{", "}"));
        };
    }

    private String value() {
        return switch (random.nextInt(10)) {
            case 0 -> "NaN";
            case 1 -> "-Infinity";
            case 2 -> "9".repeat(1 + random.nextInt(oneIn(10) ? 3_000 : 20));
            case 3 -> "-0.0e-999999999";
            case 4 -> "\"\\ud800\"";
            case 5 -> "\"2026-03-04T05:06:07Z\"";
            case 6 -> "1772600767890";
            case 7 -> "true";
            case 8 -> "null";
            default -> "\"" + text(8).replaceAll("[\"\\\\\\p{Cntrl}]", "") + "\"";
        };
    }

    private byte[] damaged(byte[] bytes) {
        for (int left = random.nextInt(3); left > 0 && bytes.length > 0; left--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private String text(int longest) {
        if (oneIn(2)) {
            return ODD_TEXTS.get(random.nextInt(ODD_TEXTS.size()));
        }
        return random.ints(random.nextInt(longest + 1), 1, 0x2_0000)
                .filter(point -> point < 0xD800 || point > 0xDFFF)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }
}
