package io.sluice.status;

import io.sluice.tls.Loopback;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the status is served, written as {@code http://127.0.0.1:9404}.
 *
 * @param encrypted whether it speaks TLS
 * @param host name or address to bind
 * @param port 1 to 65,535, or 0 for a free one
 */
public record StatusAddress(boolean encrypted, String host, int port) {

    /**
     * The address that a URI stands for.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public static StatusAddress of(String uri) {
        URI parsed;
        try {
            parsed = new URI(uri);
        } catch (URISyntaxException e) {
            throw invalid(uri, e);
        }
        String scheme = Objects.requireNonNullElse(parsed.getScheme(), "").toLowerCase(Locale.ROOT);
        String path = Objects.requireNonNullElse(parsed.getPath(), "");
        if (!(scheme.equals("http") || scheme.equals("https"))
                || parsed.getHost() == null
                || parsed.getPort() < 0
                || parsed.getPort() > 65_535
                || parsed.getUserInfo() != null
                || parsed.getQuery() != null
                || parsed.getFragment() != null
                || !(path.isEmpty() || path.equals("/"))) {
            throw invalid(uri, null);
        }
        return new StatusAddress(scheme.equals("https"), parsed.getHost(), parsed.getPort());
    }

    private static IllegalArgumentException invalid(String uri, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "'" + uri
                        + "' is no address to serve the status at: write http://host:port, or https://host:port for TLS,"
                        + " such as http://127.0.0.1:9404",
                cause);
    }

    /** Whether only this machine can reach it. An unknown host name is not on loopback. */
    public boolean isLoopback() {
        return Loopback.has(host);
    }

    /** The address as a URI. */
    @Override
    public String toString() {
        return (encrypted ? "https://" : "http://") + host + ":" + port;
    }
}
