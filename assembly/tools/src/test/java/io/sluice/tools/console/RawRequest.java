package io.sluice.tools.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A request as an attacker writes it: with whatever headers there are, those that a client library forbids too. */
final class RawRequest {

    private final int port;
    private final String line;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private String body = "";

    /** What came back. */
    record Answer(int status, Map<String, String> headers, String body) {

        String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }
    }

    private RawRequest(int port, String line) {
        this.port = port;
        this.line = line;
        headers.put("Host", "127.0.0.1:" + port);
    }

    static RawRequest get(int port, String path) {
        return new RawRequest(port, "GET " + path);
    }

    /** A POST as the page sends it. */
    static RawRequest post(int port, String path, String body) {
        RawRequest request = new RawRequest(port, "POST " + path)
                .with("Sluice-Console", "1")
                .with("Content-Type", "application/json");
        request.body = body;
        return request;
    }

    static RawRequest of(int port, String methodAndPath) {
        return new RawRequest(port, methodAndPath);
    }

    RawRequest with(String header, String value) {
        headers.put(header, value);
        return this;
    }

    RawRequest without(String header) {
        headers.remove(header);
        return this;
    }

    Answer send() throws IOException {
        return sendFrom(InetAddress.getLoopbackAddress());
    }

    /** Sends it from another address of this machine. */
    Answer sendFrom(InetAddress address) throws IOException {
        try (Socket socket = writtenFrom(address)) {
            return answer(socket.getInputStream());
        }
    }

    /** The same, and leaves the answer to the caller. */
    Socket writtenFrom(InetAddress address) throws IOException {
        StringBuilder request = new StringBuilder(line + " HTTP/1.1\r\n");
        headers.forEach((name, value) -> request.append(name + ": " + value + "\r\n"));
        request.append("Connection: close\r\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length
                + "\r\n\r\n" + body);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port, address, 0);
        socket.setSoTimeout(20_000);
        OutputStream out = socket.getOutputStream();
        out.write(request.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
        return socket;
    }

    private static Answer answer(InputStream in) throws IOException {
        String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        int end = all.indexOf("\r\n\r\n");
        Map<String, String> headers = new LinkedHashMap<>();
        String[] lines = all.substring(0, end).split("\r\n", -1);
        for (int i = 1; i < lines.length; i++) {
            String[] parts = lines[i].split(": ", 2);
            headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
        }
        return new Answer(Integer.parseInt(lines[0].split(" ", -1)[1]), headers, all.substring(end + 4));
    }
}
