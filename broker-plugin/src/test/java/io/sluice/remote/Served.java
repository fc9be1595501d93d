package io.sluice.remote;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A buffer in a folder, served on loopback, which can be stopped and started again as a broker is. */
final class Served implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    static final DrainConfig ON_LOOPBACK =
            new DrainConfig(BufferEndpoint.of("tcp://127.0.0.1:0"), Optional.empty(), Optional.empty());

    private final Path dir;
    private SharedBuffer buffer;
    private DrainServer server;

    Served(Path dir) {
        this.dir = dir;
        this.buffer = open(dir);
        this.server = DrainServer.start(buffer, ON_LOOPBACK);
    }

    private static SharedBuffer open(Path dir) {
        return SharedBuffer.open(
                new BufferConfig(Optional.of(dir), 1L << 30, Overflow.BLOCK, 1 << 22, Duration.ZERO, Duration.ZERO));
    }

    SharedBuffer buffer() {
        return buffer;
    }

    DrainServer server() {
        return server;
    }

    BufferEndpoint endpoint() {
        return server.endpoint();
    }

    /** Stops to serve, and closes the buffer. */
    void stop() {
        server.close();
        buffer.close();
    }

    /** Opens the buffer, and serves it where it was served before. */
    void startAgain() {
        startAgain(dir);
    }

    void startAgain(Path folder) {
        buffer = open(folder);
        server = DrainServer.start(buffer, new DrainConfig(server.endpoint(), Optional.empty(), Optional.empty()));
    }

    RemoteAttachment attach(AttachRequest spec) {
        return RemoteAttachment.attach(endpoint(), BufferCredentials.NONE, spec);
    }

    /** Attaches a consumer that reads from where it left off. */
    RemoteAttachment reader(String name) {
        RemoteAttachment remote = attach(TestMessages.spec(name));
        remote.seek(remote.acknowledged());
        return remote;
    }

    void append(int from, int to) {
        TestMessages.appendAll(buffer, TestMessages.numbered(to).subList(from, to));
    }

    /** Reads until so many messages came. */
    static List<StoredMessage> read(RemoteAttachment remote, int count) throws InterruptedException {
        List<StoredMessage> messages = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (messages.size() < count && System.nanoTime() < deadline) {
            ReadBatch batch = remote.read(count - messages.size(), Integer.MAX_VALUE, Duration.ofMillis(200));
            messages.addAll(batch.messages());
        }
        return messages;
    }

    static List<String> texts(List<StoredMessage> messages) {
        return messages.stream().map(TestMessages::text).toList();
    }

    @Override
    public void close() {
        stop();
    }
}
