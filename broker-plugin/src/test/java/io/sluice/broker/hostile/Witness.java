package io.sluice.broker.hostile;

import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A client that does nothing wrong: it publishes a number at QoS 1 some times a second, and times each PUBACK. */
final class Witness implements AutoCloseable {

    private static final Duration PERIOD = Duration.ofMillis(150);
    private static final Duration GIVES_UP = Duration.ofSeconds(20);

    private final String topic;
    private final Mqtt version;
    private final Peer peer;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;
    private int acknowledged;
    private Duration slowest = Duration.ZERO;
    private Optional<IOException> failure = Optional.empty();

    private Witness(Peer peer, Mqtt version, String name) {
        this.peer = peer;
        this.version = version;
        this.topic = topic(name);
        this.thread = new Thread(this::publish, "witness " + name);
    }

    static Witness start(int port, Mqtt version, String name) throws IOException {
        Witness witness = new Witness(Peer.connected(port, version, name), version, name);
        witness.thread.start();
        return witness;
    }

    private static String topic(String name) {
        return Capture.WITNESSES + name;
    }

    private void publish() {
        try {
            do {
                int number = acknowledged;
                long begun = System.nanoTime();
                peer.send(version.publish(topic, 1, 1 + number % 60_000, Integer.toString(number)));
                Optional<Peer.Received> answer = peer.next(GIVES_UP);
                Duration took = Duration.ofNanos(System.nanoTime() - begun);
                if (took.compareTo(slowest) > 0) {
                    slowest = took;
                }
                if (answer.isEmpty() || answer.get().type() != Mqtt.PUBACK) {
                    throw new IOException("instead of the PUBACK of " + number + " came " + answer);
                }
                acknowledged++;
            } while (!stopped.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS));
        } catch (IOException e) {
            failure = Optional.of(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Publishes no more, and waits for the last PUBACK. */
    void stop() throws InterruptedException {
        stopped.countDown();
        thread.join();
    }

    String topic() {
        return topic;
    }

    int acknowledged() {
        return acknowledged;
    }

    Duration slowest() {
        return slowest;
    }

    Optional<IOException> failure() {
        return failure;
    }

    @Override
    public void close() {
        peer.trySend(Mqtt.disconnect());
        peer.close();
    }
}
