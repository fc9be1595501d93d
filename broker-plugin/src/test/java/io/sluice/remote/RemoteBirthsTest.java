package io.sluice.remote;

import static io.sluice.remote.Served.read;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.sluice.buffer.TestMessages;
import io.sluice.remote.wire.DrainGrpc;
import io.sluice.remote.wire.FromBroker;
import io.sluice.remote.wire.FromWorker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker asks a standalone broker for births of Sparkplug B. */
class RemoteBirthsTest {

    private static final String NODE = "spBv1.0/plant/NBIRTH/press";

    @TempDir
    Path dir;

    private Served broker;

    @BeforeEach
    void serve() {
        broker = new Served(dir.resolve("buffer"));
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private static Optional<String> birth(RemoteAttachment remote, long before) {
        return remote.birth(NODE, before).map(TestMessages::text);
    }

    private void publish(String topic, byte[] payload) {
        TestMessages.append(broker.buffer(), TestMessages.message("edge", topic, payload))
                .awaitSafe();
    }

    @Test
    void the_latest_birth_before_a_position_comes_however_large_it_is() {
        try (RemoteAttachment remote = broker.reader("c")) {
            publish(NODE, "first".getBytes(UTF_8));
            publish(NODE, new byte[5_000_000]);
            assertThat(birth(remote, 0)).isEmpty();
            assertThat(birth(remote, 1)).contains("first");
            assertThat(remote.birth(NODE, 2).orElseThrow().message().payload().remaining())
                    .isEqualTo(5_000_000);
        }
    }

    @Test
    void a_broker_that_is_away_is_no_broker_without_births() throws Exception {
        try (RemoteAttachment remote = broker.reader("c")) {
            publish(NODE, "first".getBytes(UTF_8));
            read(remote, 1);
            broker.stop();
            assertThatThrownBy(() -> birth(remote, 1)).isInstanceOf(BufferUnreachableException.class);
            broker.startAgain();
            await().ignoreExceptions()
                    .untilAsserted(() -> assertThat(birth(remote, 1)).contains("first"));
        }
    }

    /** A broker of a version that has no births. */
    private static final class Older extends DrainGrpc.DrainImplBase {
        private final DrainService service;

        Older(DrainService service) {
            this.service = service;
        }

        @Override
        public StreamObserver<FromWorker> attach(StreamObserver<FromBroker> out) {
            return service.attach(out);
        }
    }

    @Test
    void an_older_broker_answers_that_there_is_none() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        Server older = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new Older(new DrainService(broker.buffer(), threads, new Refusals())))
                .compressorRegistry(Compression.compressors())
                .build()
                .start();
        try (RemoteAttachment remote = RemoteAttachment.attach(
                BufferEndpoint.of("tcp://127.0.0.1:" + older.getPort()),
                BufferCredentials.NONE,
                TestMessages.spec("c"))) {
            remote.seek(remote.acknowledged());
            publish(NODE, "first".getBytes(UTF_8));
            assertThat(read(remote, 1)).hasSize(1);
            assertThat(birth(remote, 1)).isEmpty();
            assertThat(birth(remote, 1)).isEmpty();
        } finally {
            older.shutdownNow();
            threads.shutdownNow();
        }
    }
}
