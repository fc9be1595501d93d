package io.sluice.remote;

import io.sluice.tls.SocketUri;

/**
 * Where a broker serves its buffer, written as its other listeners are: {@code tcp://127.0.0.1:1884} for plain text,
 * {@code ssl://broker-1.example.com:8884} for TLS.
 *
 * @param encrypted whether it speaks TLS
 * @param host name or address
 * @param port 1 to 65,535; for a server also 0, for a free one
 */
public record BufferEndpoint(boolean encrypted, String host, int port) {

    /**
     * The endpoint that a URI stands for.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public static BufferEndpoint of(String uri) {
        return SocketUri.of(uri)
                .filter(place -> place.scheme().equals("tcp") || place.scheme().equals("ssl"))
                .map(place -> new BufferEndpoint(place.scheme().equals("ssl"), place.host(), place.port()))
                .orElseThrow(() -> new IllegalArgumentException("'" + uri
                        + "' is no endpoint of a buffer: write tcp://host:port for plain text or ssl://host:port for TLS,"
                        + " such as ssl://broker-1.example.com:8884"));
    }

    /** Whether only this machine can reach it. An unknown host name is not on loopback. */
    public boolean isLoopback() {
        return SocketUri.isLoopback(host);
    }

    @Override
    public String toString() {
        return (encrypted ? "ssl://" : "tcp://") + host + ":" + port;
    }
}
