package io.sluice.benchmark;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Publishes a load with one thread. */
final class LoadGenerator {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long IDLE_MS = 1;

    private LoadGenerator() {}

    /**
     * Publishes, and waits for the acknowledgements; gives up when nothing has happened for ten seconds.
     *
     * @param run a number that this run alone has
     */
    static Published publish(Load load, int port, int run) throws IOException {
        Histogram ackLatency = new Histogram(3);
        List<PublishingClient> clients = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            for (int number = 0; number < load.connections(); number++) {
                PublishingClient client = PublishingClient.connect(load, run, number, port, ackLatency);
                clients.add(client);
                client.channel().register(selector, SelectionKey.OP_READ);
            }
            return publish(clients, selector, ackLatency);
        } finally {
            for (PublishingClient client : clients) {
                client.close();
            }
        }
    }

    private static Published publish(List<PublishingClient> clients, Selector selector, Histogram ackLatency)
            throws IOException {
        long beginNs = System.nanoTime();
        long lastNs = beginNs;
        List<PublishingClient> busy = new ArrayList<>(clients);
        while (!busy.isEmpty() && System.nanoTime() - lastNs < PATIENCE.toNanos()) {
            boolean worked = false;
            for (PublishingClient client : busy) {
                worked |= client.work(beginNs, System.nanoTime());
            }
            busy.removeIf(PublishingClient::isDone);
            if (worked) {
                lastNs = System.nanoTime();
            } else {
                // Rates are kept to a millisecond; what this costs a message counts into its latency.
                selector.select(IDLE_MS);
                selector.selectedKeys().clear();
            }
        }
        return new Published(
                beginNs,
                lastNs,
                clients.stream().mapToInt(PublishingClient::sent).sum(),
                clients.stream().mapToInt(PublishingClient::acknowledged).sum(),
                busy.size(),
                ackLatency);
    }
}
