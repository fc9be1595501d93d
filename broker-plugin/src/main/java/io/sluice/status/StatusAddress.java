package io.sluice.status;

import io.sluice.tls.SocketUri;

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
        return SocketUri.of(uri)
                .filter(place -> place.scheme().equals("http") || place.scheme().equals("https"))
                .map(place -> new StatusAddress(place.scheme().equals("https"), place.host(), place.port()))
                .orElseThrow(() -> new IllegalArgumentException("'" + uri
                        + "' is not an address for the status: write http://host:port, or https://host:port for TLS,"
                        + " such as http://127.0.0.1:9404"));
    }

    /** Whether only this machine can reach it. An unknown host name is not on loopback. */
    public boolean isLoopback() {
        return SocketUri.isLoopback(host);
    }

    @Override
    public String toString() {
        return (encrypted ? "https://" : "http://") + host + ":" + port;
    }
}
