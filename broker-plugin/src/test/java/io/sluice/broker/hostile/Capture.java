package io.sluice.broker.hostile;

import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.TopicFilter;
import io.sluice.remote.BufferCredentials;
import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.RemoteAttachment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What a connector would read: everything that the broker captures, of which the witnesses' messages are kept. */
final class Capture implements AutoCloseable {

    static final String WITNESSES = "witness/";

    private final RemoteAttachment buffer;
    private final Map<String, List<String>> payloads = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::read, "capture");
    private volatile boolean closed;

    Capture(int drainPort) {
        buffer = RemoteAttachment.attach(
                BufferEndpoint.of("tcp://127.0.0.1:" + drainPort),
                BufferCredentials.NONE,
                new AttachRequest("hostile", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL));
        buffer.seek(buffer.acknowledged());
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try {
            while (!closed) {
                ReadBatch batch = buffer.read(10_000, 4 << 20, Duration.ofMillis(200));
                for (StoredMessage stored : batch.messages()) {
                    String topic = stored.message().topic();
                    if (topic.startsWith(WITNESSES)) {
                        List<String> known = payloads.computeIfAbsent(topic, its -> new ArrayList<>());
                        synchronized (known) {
                            known.add(StandardCharsets.UTF_8
                                    .decode(stored.message().payload().duplicate())
                                    .toString());
                        }
                    }
                }
                buffer.acknowledge(LanePositions.all(batch.frontier() - 1));
            }
        } catch (BufferException e) {
            // The broker was killed, or this was closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The payloads on a topic of a witness so far, in their order. */
    List<String> payloads(String topic) {
        List<String> known = payloads.getOrDefault(topic, List.of());
        synchronized (known) {
            return List.copyOf(known);
        }
    }

    @Override
    public void close() {
        closed = true;
        buffer.close();
    }
}
