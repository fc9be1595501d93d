package io.sluice.tools.console;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import io.sluice.tools.WorkerRefusal;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Stands in front of everything: no request gets past it that a page of somebody else could have made, that comes without
 * a session, or that changes something while the console is only to look.
 *
 * <p>Files of the page are for everybody who may name the console's host; whatever is under {@code /api/} needs a session.
 * What changes nothing is a GET, or a POST under {@code /api/ask/}; what does is a POST under {@code /api/do/}.
 */
final class Guard implements HttpHandler {

    /** Which a page of another origin can send only if it is allowed to, and none is. */
    static final String OWN_HEADER = "Sluice-Console";

    private static final Map<String, String> ALWAYS = Map.of(
            "Content-Security-Policy",
            "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "X-Frame-Options",
            "DENY",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Opener-Policy",
            "same-origin",
            "Cross-Origin-Resource-Policy",
            "same-origin");
    /** Passwords that are checked at a time; each holds a thread of the server for a second, if it is wrong. */
    private static final int MOST_LOGINS = 8;

    /** Anybody may send one, and a tree of JSON takes many times what its text does. */
    private static final int MOST_LOGIN_BYTES = 4 << 10;

    private static final String LOGIN = "/api/login";
    private static final int NETWORK_BYTES = 8;
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST");
    private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

    private final Logins logins;
    private final ConsoleSetup setup;
    private final Set<String> hosts;
    private final String cookie;
    private final Api api;
    private final Assets assets = new Assets();
    /** From where passwords come that are being checked: one at a time of each, so that who guesses holds up nobody else. */
    private final Set<ByteBuffer> checkingPassword = ConcurrentHashMap.newKeySet();

    private final Semaphore moreLogins = new Semaphore(MOST_LOGINS);

    Guard(Logins logins, ConsoleSetup setup, int port, Api api) {
        this.logins = logins;
        this.setup = setup;
        this.hosts = setup.hosts(port);
        // Cookies do not tell ports apart, so the name does.
        this.cookie = "sluice-console-" + port;
        this.api = api;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Headers headers = exchange.getResponseHeaders();
            ALWAYS.forEach(headers::set);
            if (setup.secure()) {
                headers.set("Strict-Transport-Security", "max-age=31536000");
            }
            letIn(exchange);
        }
    }

    private void letIn(HttpExchange exchange) throws IOException {
        Optional<Call> known = Optional.empty();
        try {
            Call call = new Call(exchange);
            known = Optional.of(call);
            check(call);
            boolean login = call.path().equals(LOGIN);
            if (call.method().equals("POST")) {
                // The server ends a request that is not read after some seconds, and an answer may take longer.
                if (login) {
                    call.body(MOST_LOGIN_BYTES);
                } else {
                    call.body();
                }
            }
            if (call.path().equals("/") && call.query("token").isPresent()) {
                redeem(call);
            } else if (login) {
                login(call);
            } else if (call.path().equals("/api/logout")) {
                call.cookie(cookie).ifPresent(logins::close);
                call.answer(200, Call.JSON.createObjectNode());
            } else if (call.path().startsWith("/api/")) {
                api.answer(call);
            } else {
                assets.answer(call);
            }
        } catch (CallRefused e) {
            refuse(exchange, known, e.status(), String.valueOf(e.getMessage()));
        } catch (ToolException e) {
            refuse(exchange, known, status(e), e.sentence());
        } catch (RuntimeException e) {
            refuse(exchange, known, 500, "The console failed: " + e + ".");
        }
    }

    private static void refuse(HttpExchange exchange, Optional<Call> call, int status, String sentence)
            throws IOException {
        if (exchange.getResponseCode() >= 0) {
            return; // It is on its way already: the connection ends.
        }
        if (call.isPresent()) {
            call.get().answer(status, Call.JSON.createObjectNode().put("error", sentence));
        } else {
            exchange.sendResponseHeaders(status, -1);
        }
    }

    private static int status(ToolException e) {
        if (e instanceof WorkerRefusal refusal && refusal.status() != 401 && refusal.status() != 403) {
            return refusal.status();
        }
        return e.exitCode() == ExitCode.UNREACHABLE ? 502 : e.exitCode() == ExitCode.TIMED_OUT ? 504 : 422;
    }

    private void check(Call call) {
        String host = call.header("Host").orElse("").toLowerCase(Locale.ROOT);
        if (!hosts.contains(host)) {
            throw new CallRefused(421, "The console is not known as " + host + "; use the address that it printed.");
        }
        if (!METHODS.contains(call.method())) {
            throw new CallRefused(405, "The method is " + call.method() + "; the console takes GET, HEAD and POST.");
        }
        boolean writes = call.method().equals("POST");
        boolean api = call.path().startsWith("/api/");
        if (!api) {
            if (writes) {
                throw new CallRefused(405, "Only paths under /api/ take a POST.");
            }
            return;
        }
        boolean otherSite = call.header("Sec-Fetch-Site")
                .filter(site -> !OWN_SITE.contains(site))
                .isPresent();
        boolean otherOrigin = call.has("Origin")
                && call.header("Origin")
                        .filter(((setup.secure() ? "https://" : "http://") + host)::equals)
                        .isEmpty();
        if (otherSite || otherOrigin) {
            throw new CallRefused(403, "The request comes from a page that is not the console's.");
        }
        if (writes && !call.header(OWN_HEADER).orElse("").equals("1")) {
            throw new CallRefused(403, "A POST needs the header " + OWN_HEADER + " with the value 1.");
        }
        if (writes && !call.header("Content-Type").orElse("").startsWith("application/json")) {
            throw new CallRefused(415, "A POST needs the content type application/json.");
        }
        if (call.path().equals(LOGIN)) {
            return;
        }
        if (call.cookie(cookie).filter(logins::knows).isEmpty()) {
            throw new CallRefused(
                    401,
                    setup.passwords().isPresent()
                            ? "Log in with your user name and password."
                            : "Open the address that `sluice console` printed; Enter in its terminal prints a new one.");
        }
        boolean changes = call.part(1).equals("do");
        boolean changesNothing = call.part(1).equals("ask") || call.path().equals("/api/logout");
        if (writes != (changes || changesNothing)) {
            throw new CallRefused(405, call.path() + " takes no " + call.method() + ".");
        }
        if (changes && setup.readOnly()) {
            throw new CallRefused(403, "This console is read-only: start it without --read-only to change things.");
        }
    }

    private void redeem(Call call) throws IOException {
        call.query("token").flatMap(logins::redeem).ifPresent(session -> setCookie(call, session));
        call.answerHeaders().set("Location", "/");
        call.answerHeaders().set("Cache-Control", "no-store");
        call.answer(303, new byte[0]);
    }

    private void login(Call call) throws IOException {
        if (!call.method().equals("POST")) {
            call.answer(
                    200,
                    Call.JSON
                            .createObjectNode()
                            .put("password", setup.passwords().isPresent()));
            return;
        }
        Passwords known =
                setup.passwords().orElseThrow(() -> new CallRefused(404, "The console has no password file."));
        String user = call.body().path("user").asText();
        String password = call.body().path("password").asText();
        ByteBuffer from = network(call.remoteAddress());
        if (!checkingPassword.add(from)) {
            throw new CallRefused(429, "Another login from your address is being checked; try again in a second.");
        }
        try {
            checkPassword(known, user, password);
        } finally {
            checkingPassword.remove(from);
        }
        setCookie(call, logins.open());
        call.answer(200, Call.JSON.createObjectNode());
    }

    private void checkPassword(Passwords known, String user, String password) {
        if (!moreLogins.tryAcquire()) {
            throw new CallRefused(429, "Too many logins are being checked; try again in a second.");
        }
        try {
            if (!known.fit(user, password)) {
                Thread.sleep(1_000);
                throw new CallRefused(401, "The user name or the password is wrong.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallRefused(503, "The console ends.");
        } finally {
            moreLogins.release();
        }
    }

    /** Whoever has one address of IPv6 has all of its network of 64 bits. */
    private static ByteBuffer network(InetAddress address) {
        byte[] bytes = address.getAddress();
        return ByteBuffer.wrap(bytes, 0, Math.min(NETWORK_BYTES, bytes.length));
    }

    private void setCookie(Call call, String session) {
        call.answerHeaders()
                .set(
                        "Set-Cookie",
                        cookie + "=" + session + "; Path=/; HttpOnly; SameSite=Strict"
                                + (setup.secure() ? "; Secure" : ""));
    }
}
