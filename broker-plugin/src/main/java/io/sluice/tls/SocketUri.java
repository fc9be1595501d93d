package io.sluice.tls;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server listens, written as {@code scheme://host:port}, with nothing else but perhaps a slash after it.
 *
 * @param scheme in small letters
 * @param host name or address; an IPv6 address in brackets
 * @param port 0 to 65,535
 */
public record SocketUri(String scheme, String host, int port) {

    /** A host name that {@link URI} does not take apart, since it is not valid, and that Docker gives to containers. */
    private static final Pattern WITH_UNDERSCORE = Pattern.compile("([\\w.-]*_[\\w.-]*):(\\d{1,5})");

    private static final int HIGHEST_PORT = 65_535;

    /** Why nothing can listen at an address, in words, which the JVM has none of for an unknown host name. */
    public static String whyNotBound(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root instanceof UnresolvedAddressException
                ? "its host name is unknown"
                : String.valueOf(root.getMessage());
    }

    /**
     * Whether only this machine can reach a host, so that it needs no TLS. An unknown host name is not on loopback. Asks
     * the name server.
     */
    public static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Parses a text; empty if it is no such URI. */
    public static Optional<SocketUri> of(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
        Matcher named = WITH_UNDERSCORE.matcher(Objects.requireNonNullElse(uri.getRawAuthority(), ""));
        String host = named.matches() ? named.group(1) : uri.getHost();
        int port = named.matches() ? Integer.parseInt(named.group(2)) : uri.getPort();
        String path = Objects.requireNonNullElse(uri.getPath(), "");
        if (uri.getScheme() == null
                || host == null
                || port < 0
                || port > HIGHEST_PORT
                || uri.getUserInfo() != null
                || uri.getQuery() != null
                || uri.getFragment() != null
                || !(path.isEmpty() || path.equals("/"))) {
            return Optional.empty();
        }
        return Optional.of(new SocketUri(uri.getScheme().toLowerCase(Locale.ROOT), host, port));
    }
}
