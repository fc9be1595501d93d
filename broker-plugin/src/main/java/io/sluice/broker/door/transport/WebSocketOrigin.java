package io.sluice.broker.door.transport;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * An origin whose pages may open WebSockets to the broker (RFC 6454 section 6.2).
 *
 * @param text scheme, host and, unless it is the scheme's own, port; or {@code *} for any origin
 */
public record WebSocketOrigin(String text) {

    private static final String ANY = "*";

    /**
     * An origin as users write it.
     *
     * @throws IllegalArgumentException with a sentence that says what is wrong
     */
    public static WebSocketOrigin of(String text) {
        return new WebSocketOrigin(text.equals(ANY) ? ANY : normalized(text));
    }

    private static String normalized(String text) {
        try {
            URI uri = new URI(text);
            boolean bare = "".equals(uri.getRawPath())
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null;
            if (uri.getScheme() != null && uri.getHost() != null && bare) {
                return origin(uri);
            }
        } catch (URISyntaxException e) {
            // The sentence below says it all.
        }
        throw new IllegalArgumentException(
                "'" + text + "' is not an origin: write it as https://example.com or http://example.com:8080, without a"
                        + " path, or * for any");
    }

    private static String origin(URI uri) {
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        boolean usual = uri.getPort() < 0
                || (scheme.equals("http") && uri.getPort() == 80)
                || (scheme.equals("https") && uri.getPort() == 443);
        return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + (usual ? "" : ":" + uri.getPort());
    }

    /** Whether this stands for the origin that a browser sent. */
    boolean admits(String sent) {
        return text.equals(ANY) || text.equalsIgnoreCase(sent);
    }
}
