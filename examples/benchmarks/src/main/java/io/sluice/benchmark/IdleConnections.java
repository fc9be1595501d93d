package io.sluice.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** MQTT connections that publish nothing. */
final class IdleConnections implements AutoCloseable {

    private final List<PublishingClient> clients = new ArrayList<>();

    private IdleConnections() {}

    /**
     * Opens so many.
     *
     * @param run a number that this run alone has
     */
    static IdleConnections open(int count, int port, int run) throws IOException {
        IdleConnections connections = new IdleConnections();
        Load none = Load.standard(count, 0);
        try {
            for (int number = 0; number < count; number++) {
                connections.clients.add(PublishingClient.connect(none, run, number, port, new Histogram(3)));
            }
        } catch (IOException e) {
            connections.close();
            throw e;
        }
        return connections;
    }

    @Override
    public void close() throws IOException {
        for (PublishingClient client : clients) {
            client.close();
        }
    }
}
