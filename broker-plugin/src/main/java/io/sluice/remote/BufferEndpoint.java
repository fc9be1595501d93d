package io.sluice.remote;

import io.sluice.tls.Loopback;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a broker serves its buffer, written as its other listeners are: {@code tcp://127.0.0.1:1884} for plain text,
 * {@code ssl://broker-1.example.com:8884} for TLS.
 *
 * @param encrypted whether it speaks TLS
 * @param host name or address
 * @param port 1 to 65,535; for a server also 0, for a free one
 */
public record BufferEndpoint(boolean encrypted, String host, int port) {

    /** A name that no host may have, so that {@link URI} does not take it apart, and that Docker gives to containers. */
    private static final Pattern WITH_UNDERSCORE = Pattern.compile("([\\w.-]*_[\\w.-]*):(\\d{1,5})");

    /**
     * The endpoint that a URI stands for.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public static BufferEndpoint of(String uri) {
        URI parsed;
        try {
            parsed = new URI(uri);
        } catch (URISyntaxException e) {
            throw invalid(uri, e);
        }
        Matcher named = WITH_UNDERSCORE.matcher(Objects.requireNonNullElse(parsed.getRawAuthority(), ""));
        String host = named.matches() ? named.group(1) : parsed.getHost();
        int port = named.matches() ? Integer.parseInt(named.group(2)) : parsed.getPort();
        String scheme = parsed.getScheme() == null ? "" : parsed.getScheme().toLowerCase(Locale.ROOT);
        String path = parsed.getPath() == null ? "" : parsed.getPath();
        if (!(scheme.equals("tcp") || scheme.equals("ssl"))
                || host == null
                || port < 0
                || port > 65_535
                || parsed.getUserInfo() != null
                || parsed.getQuery() != null
                || parsed.getFragment() != null
                || !(path.isEmpty() || path.equals("/"))) {
            throw invalid(uri, null);
        }
        return new BufferEndpoint(scheme.equals("ssl"), host, port);
    }

    private static IllegalArgumentException invalid(String uri, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "'" + uri
                        + "' is no endpoint of a buffer: write tcp://host:port for plain text or ssl://host:port for TLS,"
                        + " such as ssl://broker-1.example.com:8884",
                cause);
    }

    /** Whether only this machine can reach it. An unknown host name is not on loopback. */
    public boolean isLoopback() {
        return Loopback.has(host);
    }

    /** The endpoint as a URI. */
    @Override
    public String toString() {
        return (encrypted ? "ssl://" : "tcp://") + host + ":" + port;
    }
}
