package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.moquette.broker.Server;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.MemoryConfig;
import io.moquette.persistence.H2Builder;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When clients hear of their sessions. */
class SessionsTest {

    @TempDir
    Path dir;

    private final Server server = new Server();
    private final SharedBuffer buffer = SharedBuffer.open(TestBroker.memory(1 << 20, Overflow.BLOCK));
    private final AtomicInteger told = new AtomicInteger();

    @BeforeEach
    void start() throws IOException {
        Properties settings = new Properties();
        settings.setProperty(IConfig.HOST_PROPERTY_NAME, "127.0.0.1");
        settings.setProperty(IConfig.PORT_PROPERTY_NAME, "0");
        settings.setProperty(IConfig.ENABLE_TELEMETRY_NAME, "false");
        settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "true");
        settings.setProperty(IConfig.PERSISTENT_QUEUE_TYPE_PROPERTY_NAME, "h2");
        settings.setProperty(IConfig.DATA_PATH_PROPERTY_NAME, dir.toString());
        server.startServer(new MemoryConfig(settings));
    }

    @AfterEach
    void stop() {
        server.stopServer();
        buffer.close();
    }

    private Sessions sessions(Server of, boolean stored) {
        return new Sessions(of, stored, new UnreleasedIds(buffer));
    }

    private void tellWhenSafe(Sessions sessions, boolean lasting) {
        Client client = new Client("c", Optional.empty(), true, !lasting, lasting ? 60 : 0);
        sessions.whenSafe(client, ImmediateEventExecutor.INSTANCE, told::incrementAndGet);
    }

    private MVStore store() throws ReflectiveOperationException {
        Field builder = Server.class.getDeclaredField("h2Builder");
        builder.setAccessible(true);
        Field store = H2Builder.class.getDeclaredField("mvStore");
        store.setAccessible(true);
        return (MVStore) store.get(builder.get(server));
    }

    @Test
    void a_client_whose_session_lasts_hears_of_it_when_the_store_is_written() throws Exception {
        try (Sessions sessions = sessions(server, true)) {
            sessions.begin();
            store().openMap("test").put("key", "value");
            assertThat(store().hasUnsavedChanges()).isTrue();
            tellWhenSafe(sessions, true);
            await().until(() -> told.get() == 1);
            assertThat(store().hasUnsavedChanges()).isFalse();
        }
    }

    @Test
    void a_client_whose_session_ends_with_its_connection_waits_for_nothing() {
        try (Sessions sessions = sessions(server, true)) {
            tellWhenSafe(sessions, false);
            assertThat(told).hasValue(1);
        }
    }

    @Test
    void without_files_nobody_waits() {
        try (Sessions sessions = sessions(server, false)) {
            tellWhenSafe(sessions, true);
            assertThat(told).hasValue(1);
        }
    }

    @Test
    void a_store_that_fails_leaves_nobody_waiting() throws Exception {
        try (Sessions sessions = sessions(server, true)) {
            sessions.begin();
            store().closeImmediately();
            tellWhenSafe(sessions, true);
            await().until(() -> told.get() == 1);
            tellWhenSafe(sessions, true);
            await().until(() -> told.get() == 2);
        }
    }

    @Test
    void a_moquette_without_the_fields_that_are_needed_is_refused() {
        try (Sessions sessions = sessions(new Server(), true)) {
            assertThatThrownBy(sessions::begin)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("keeps its sessions in another way");
        }
    }
}
