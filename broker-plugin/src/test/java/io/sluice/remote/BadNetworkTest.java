package io.sluice.remote;

import static io.sluice.remote.Served.read;
import static io.sluice.remote.Served.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.TestMessages;
import io.sluice.buffer.record.BufferException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network that neither works nor breaks. */
class BadNetworkTest {

    @TempDir
    private Path folder;

    private Served broker;
    private Proxy network;

    @BeforeEach
    void serve() throws Exception {
        broker = new Served(folder);
        // From now on the buffer keeps messages for it.
        broker.buffer().attach(TestMessages.spec("c"));
        network = new Proxy(broker.endpoint());
    }

    @AfterEach
    void stop() throws Exception {
        network.close();
        broker.close();
    }

    @Test
    void a_record_that_was_changed_on_its_way_is_not_delivered_and_is_still_in_the_buffer() throws Exception {
        TestMessages.append(broker.buffer(), TestMessages.message("right-1")).awaitSafe();
        TestMessages.append(broker.buffer(), TestMessages.message("right-2")).awaitSafe();
        network.change("right-2");
        try (RemoteAttachment remote = attach()) {
            assertThatThrownBy(() -> read(remote, 2))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining(network.endpoint().toString())
                    .hasMessageContaining("was changed on its way");
        }

        network.change("");
        try (RemoteAttachment again = attach()) {
            assertThat(texts(read(again, 2))).containsExactly("right-1", "right-2");
        }
    }

    @Test
    @Tag("soak")
    void a_network_that_falls_silent_is_noticed_and_reading_goes_on_when_it_speaks_again() throws Exception {
        try (RemoteAttachment remote = attach()) {
            broker.append(0, 10);
            assertThat(read(remote, 10)).hasSize(10);
            network.silence();
            broker.append(10, 20);

            await().atMost(Duration.ofSeconds(40))
                    .until(() -> !remote.connection().connected());
            assertThat(remote.read(10, Integer.MAX_VALUE, Duration.ofMillis(100))
                            .messages())
                    .isEmpty();
            network.speak();
            assertThat(texts(read(remote, 10)))
                    .startsWith("m10")
                    .endsWith("m19")
                    .hasSize(10);
        }
    }

    private RemoteAttachment attach() {
        RemoteAttachment remote =
                RemoteAttachment.attach(network.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"));
        remote.seek(remote.acknowledged());
        return remote;
    }
}
