package io.sluice.tools;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BiFunction;

/** What requests over HTTP have in common, whoever answers. */
final class Web {

    private Web() {}

    /** An address of HTTP or HTTPS with a host; empty if it is none. */
    static Optional<URI> address(String text) {
        try {
            return Optional.of(URI.create(text))
                    .filter(uri -> uri.getHost() != null)
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

    /** @param noAnswer makes an exception of the reason why nobody answers */
    static HttpResponse<String> send(
            HttpClient http, HttpRequest request, BiFunction<String, Exception, ToolException> noAnswer) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (HttpTimeoutException e) {
            throw noAnswer.apply("no answer in time", e);
        } catch (IOException e) {
            throw noAnswer.apply(WorkerSentences.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw noAnswer.apply("interrupted", e);
        }
    }
}
