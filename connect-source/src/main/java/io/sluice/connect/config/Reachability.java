package io.sluice.connect.config;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether anybody listens at one of several addresses. */
final class Reachability {

    private Reachability() {}

    /**
     * What keeps a client from reaching any of the servers.
     *
     * @param servers each a host and a port, as in {@code kafka:9092}
     * @param timeout how long to wait for each of them
     * @return empty if one of them takes a connection
     */
    static Optional<String> objection(List<String> servers, Duration timeout) {
        List<String> objections = new ArrayList<>();
        for (String server : servers) {
            Optional<String> objection = objection(server, timeout);
            if (objection.isEmpty()) {
                return Optional.empty();
            }
            objections.add(objection.get());
        }
        return Optional.of(String.join("; ", objections));
    }

    private static Optional<String> objection(String server, Duration timeout) {
        URI address;
        try {
            // Kafka also takes a protocol before the host.
            address = URI.create(server.contains("://") ? server : "tcp://" + server);
        } catch (IllegalArgumentException e) {
            return Optional.of(notAnAddress(server));
        }
        if (address.getHost() == null || address.getPort() < 0) {
            return Optional.of(notAnAddress(server));
        }
        String host = address.getHost().replaceAll("^\\[|]$", "");
        InetSocketAddress resolved = new InetSocketAddress(host, address.getPort());
        if (resolved.isUnresolved()) {
            return Optional.of("the host of " + server + " is not known");
        }
        try (Socket socket = new Socket()) {
            socket.connect(resolved, Math.toIntExact(timeout.toMillis()));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(server + " takes no connection (" + e.getMessage() + ")");
        }
    }

    private static String notAnAddress(String server) {
        return server + " is not a host and a port as in kafka:9092";
    }
}
