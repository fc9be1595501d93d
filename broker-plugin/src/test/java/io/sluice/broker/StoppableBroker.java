package io.sluice.broker;

import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.session.TestSessions;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.TestMessages;
import io.sluice.file.DiskFolder;
import io.sluice.file.ForwardingFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** A broker in a folder, whose buffer and sessions a test can stop by an error. */
public final class StoppableBroker implements AutoCloseable {

    private final BreakableFolder bufferDisk;
    private final RunningBroker broker;
    private BreakableFolder sessionsDisk;

    private StoppableBroker(Path dir) {
        bufferDisk = new BreakableFolder(dir);
        broker = RunningBroker.start(
                new TestBroker.Wanted()
                        .listeners("tcp://127.0.0.1:0")
                        .buffer(TestBroker.disk(dir))
                        .config(),
                buffer -> buffer.attach(TestMessages.spec("c")),
                wanted -> TestMessages.open(wanted, bufferDisk),
                (path, limits) -> {
                    sessionsDisk = new BreakableFolder(path.orElseThrow());
                    return TestSessions.open(sessionsDisk, limits);
                });
    }

    public static StoppableBroker start(Path dir) {
        return new StoppableBroker(dir);
    }

    public int port() {
        return broker.listeners().get(0).port();
    }

    /** Whether only another start helps. */
    boolean hasFailed() {
        return broker.hasFailed();
    }

    public void stopBuffer() {
        bufferDisk.isBroken = true;
        broker.buffer().append(List.of(TestMessages.message("m")), AppendListener.NONE);
        await().dontCatchUncaughtExceptions().until(broker::hasFailed);
    }

    public void stopSessions() throws IOException {
        sessionsDisk.isBroken = true;
        try (RawClient device = new RawClient(port(), MqttVersion.MQTT_3_1_1)) {
            device.send(device.connect("device", false));
            await().dontCatchUncaughtExceptions().until(broker::hasFailed);
        }
    }

    @Override
    public void close() {
        bufferDisk.isBroken = false;
        sessionsDisk.isBroken = false;
        broker.close();
    }

    private static final class BreakableFolder extends ForwardingFolder {

        private volatile boolean isBroken;

        BreakableFolder(Path dir) {
            super(open(dir));
        }

        private static DiskFolder open(Path dir) {
            try {
                return DiskFolder.open(dir);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        protected File handedOut(String name, File file) {
            return new ForwardingFile(file) {
                @Override
                public void force() throws IOException {
                    if (isBroken) {
                        throw new IllegalStateException("the controller is gone");
                    }
                    super.force();
                }
            };
        }
    }
}
