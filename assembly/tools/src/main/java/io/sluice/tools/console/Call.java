package io.sluice.tools.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.sluice.tools.ConnectorFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/** A request, and the way to answer it. One thread uses it. */
final class Call {

    static final JsonMapper JSON = new JsonMapper();

    private static final int MOST_BYTES = 4 << 20;
    private static final int WORTH_COMPRESSING = 1_000;

    private final HttpExchange exchange;
    private final List<String> path;
    private JsonNode body = MissingNode.getInstance();

    Call(HttpExchange exchange) {
        this.exchange = exchange;
        List<String> parts = new ArrayList<>();
        for (String part : exchange.getRequestURI().getRawPath().substring(1).split("/", -1)) {
            parts.add(decoded(part.replace("+", "%2B")));
        }
        this.path = List.copyOf(parts);
    }

    InetAddress remoteAddress() {
        return exchange.getRemoteAddress().getAddress();
    }

    String method() {
        return exchange.getRequestMethod();
    }

    /** The part of the path with a number, from 0, with escapes resolved; empty if there are fewer. */
    String part(int number) {
        return number < path.size() ? path.get(number) : "";
    }

    /** The path as it was sent. */
    String path() {
        return exchange.getRequestURI().getRawPath();
    }

    Optional<String> query(String name) {
        String query =
                Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).equals(name)) {
                return Optional.of(decoded(pair.substring(equals + 1)));
            }
        }
        return Optional.empty();
    }

    /** A header of the request, if it comes exactly once. */
    Optional<String> header(String name) {
        List<String> values = exchange.getRequestHeaders().get(name);
        return values == null || values.size() != 1 ? Optional.empty() : Optional.of(values.get(0));
    }

    boolean has(String header) {
        return exchange.getRequestHeaders().containsKey(header);
    }

    Optional<String> cookie(String name) {
        for (String line : exchange.getRequestHeaders().getOrDefault("Cookie", List.of())) {
            for (String cookie : line.split(";", -1)) {
                String[] parts = cookie.strip().split("=", 2);
                if (parts.length == 2 && parts[0].equals(name)) {
                    return Optional.of(parts[1]);
                }
            }
        }
        return Optional.empty();
    }

    Headers answerHeaders() {
        return exchange.getResponseHeaders();
    }

    /** The JSON object in the body; it is read once. */
    JsonNode body() throws IOException {
        return body(MOST_BYTES);
    }

    /**
     * The same.
     *
     * @throws CallRefused if it is not read yet, and has more bytes than that
     */
    JsonNode body(int mostBytes) throws IOException {
        if (body.isMissingNode()) {
            body = read(mostBytes);
        }
        return body;
    }

    private JsonNode read(int mostBytes) throws IOException {
        byte[] bytes = exchange.getRequestBody().readNBytes(mostBytes + 1);
        if (bytes.length > mostBytes) {
            throw new CallRefused(413, "The request has more than " + mostBytes + " bytes.");
        }
        try {
            JsonNode read = JSON.readTree(bytes);
            if (!read.isObject()) {
                throw new CallRefused(400, "The request is to have a JSON object.");
            }
            return read;
        } catch (JsonProcessingException e) {
            throw new CallRefused(400, "The request is no JSON: " + ConnectorFile.why(e) + ".");
        }
    }

    void answer(int status, JsonNode json) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        byte[] bytes = JSON.writeValueAsBytes(json);
        if (bytes.length > WORTH_COMPRESSING && takesGzip()) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            bytes = gzip(bytes);
        }
        answer(status, bytes);
    }

    void answer(int status, byte[] bytes) throws IOException {
        boolean empty = bytes.length == 0 || method().equals("HEAD");
        exchange.sendResponseHeaders(status, empty ? -1 : bytes.length);
        if (!empty) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        }
    }

    boolean takesGzip() {
        return header("Accept-Encoding").filter(value -> value.contains("gzip")).isPresent();
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(bytes);
        }
        return compressed.toByteArray();
    }

    /** Begins an answer of server-sent events. */
    EventStream stream() throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(200, 0);
        return new EventStream(exchange.getResponseBody());
    }

    private static String decoded(String part) {
        try {
            return URLDecoder.decode(part, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new CallRefused(400, "The address has an escape that is none.");
        }
    }
}
