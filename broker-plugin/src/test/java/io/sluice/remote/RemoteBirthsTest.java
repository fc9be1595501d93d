package io.sluice.remote;

import static io.sluice.remote.Served.read;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.TestMessages;
import java.nio.file.Path;
import java.util.Optional;
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
}
