package io.sluice.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Stands in for a worker or a status listener, and does what real ones do only when something is wrong with them. */
public final class StandIn implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<String> logins = new CopyOnWriteArrayList<>();

    /** What it says to a request, such as {@code GET /connectors}. */
    public interface Script {

        Reply to(String request) throws InterruptedException;
    }

    /** A status of HTTP, a text, and where it points to, if it does. */
    public record Reply(int status, String body, String location) {

        public Reply(int status, String body) {
            this(status, body, "");
        }

        public static Reply ok(String body) {
            return new Reply(200, body);
        }

        /** As a worker refuses. */
        public static Reply refused(int status, String message) {
            return new Reply(status, "{\"error_code\": " + status + ", \"message\": \"" + message + "\"}");
        }
    }

    private StandIn(HttpServer server) {
        this.server = server;
    }

    public static StandIn saying(Script script) {
        try {
            StandIn standIn =
                    new StandIn(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
            standIn.server.setExecutor(standIn.threads);
            standIn.server.createContext("/", exchange -> standIn.answer(exchange, script));
            standIn.server.start();
            return standIn;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(HttpExchange exchange, Script script) throws IOException {
        try (exchange) {
            String request =
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
            asked.add((request + " " + new String(exchange.getRequestBody().readAllBytes(), UTF_8)).strip());
            logins.addAll(exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
            Reply reply = script.to(request);
            if (!reply.location().isEmpty()) {
                exchange.getResponseHeaders().add("Location", reply.location());
            }
            byte[] body = reply.body().getBytes(UTF_8);
            exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What it was asked, with the bodies. */
    public List<String> asked() {
        return asked;
    }

    /** With what it was asked to let somebody in. */
    public List<String> logins() {
        return logins;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
