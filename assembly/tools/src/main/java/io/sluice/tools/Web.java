package io.sluice.tools;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;

/** What requests over HTTP have in common, whoever answers. */
final class Web {

    private static final int MOST_PORT = 65_535;
    private static final String NOT_IN_TIME = "no answer in time";
    /** How many timeouts an answer may take: a long one takes its time, and Java's own timeout ends where it begins. */
    private static final int WHOLE_ANSWER = 4;

    private Web() {}

    /** An address of HTTP or HTTPS with a host; empty if it is none. */
    static Optional<URI> address(String text) {
        try {
            return Optional.of(URI.create(text))
                    .filter(uri -> uri.getHost() != null && uri.getPort() != 0 && uri.getPort() <= MOST_PORT)
                    .filter(uri -> uri.getQuery() == null && uri.getFragment() == null)
                    .filter(uri -> "http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A part of a path, or a value of a query, as addresses have it. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** @param path begins with a slash */
    static HttpRequest.Builder request(URI address, String path) {
        return HttpRequest.newBuilder(URI.create(address.toString().replaceFirst("/$", "") + path));
    }

    /**
     * Sends a request, which has a timeout: so long it waits for the answer to begin, and a few times as long for its end.
     *
     * @param noAnswer makes an exception of the reason why nobody answers
     */
    static HttpResponse<String> send(
            HttpClient http, HttpRequest request, BiFunction<String, Exception, ToolException> noAnswer) {
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(request, BodyHandlers.ofString());
        try {
            Duration whole = request.timeout().orElseThrow().multipliedBy(WHOLE_ANSWER);
            return answer.get(whole.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw noAnswer.apply(NOT_IN_TIME, e);
        } catch (ExecutionException e) {
            throw noAnswer.apply(
                    e.getCause() instanceof HttpTimeoutException ? NOT_IN_TIME : WorkerSentences.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw noAnswer.apply("interrupted", e);
        } finally {
            answer.cancel(true);
        }
    }
}
