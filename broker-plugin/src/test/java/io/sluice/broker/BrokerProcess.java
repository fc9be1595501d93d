package io.sluice.broker;

import io.sluice.TestProcess;
import io.sluice.broker.door.transport.Listener;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.Lanes;
import io.sluice.message.TopicFilter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A broker in a separate process, to be killed. */
final class BrokerProcess {

    static final String CONSUMER = "reader";
    private static final String READY = "listening on port ";

    private final Process process;
    private final int port;

    private BrokerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts a broker and waits until it listens.
     *
     * @param port 0 for a free one
     */
    static BrokerProcess start(Path dir, int port) throws IOException {
        Process process = TestProcess.of(
                        List.of("-Xmx256m"), BrokerProcess.class, dir.toString(), Integer.toString(port))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(READY)) {
                return new BrokerProcess(process, Integer.parseInt(line.substring(READY.length())));
            }
        }
        process.destroyForcibly();
        throw new IOException("the broker process ended before it listened");
    }

    int port() {
        return port;
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    /** SIGTERM: how long the process took to end, at most ten seconds. */
    Duration end() throws InterruptedException {
        long begun = System.nanoTime();
        process.destroy();
        process.waitFor(10, TimeUnit.SECONDS);
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    /** Runs until killed: a broker, and a consumer that is attached and reads nothing. */
    public static void main(String[] args) throws Exception {
        BrokerConfig config = new BrokerConfig(
                "killed",
                List.of(Listener.of("tcp://127.0.0.1:" + args[1])),
                false,
                TestBroker.OPEN,
                Optional.empty(),
                1_000_000,
                TestBroker.USUAL_LIMITS,
                Duration.ofDays(1),
                true,
                List.of(),
                Duration.ZERO,
                TestBroker.disk(Path.of(args[0])));
        try (EmbeddedBroker broker = EmbeddedBroker.acquire(config);
                Attachment consumer = broker.buffer()
                        .attach(new AttachRequest(
                                CONSUMER, List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL))) {
            System.out.println("attached as run " + consumer.run());
            System.out.println(READY + broker.listeners().get(0).port());
            Thread.currentThread().join();
        }
    }
}
