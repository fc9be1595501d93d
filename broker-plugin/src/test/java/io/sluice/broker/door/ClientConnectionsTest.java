package io.sluice.broker.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sluice.broker.TestBroker;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.door.transport.Listener.Transport;
import io.sluice.broker.session.SessionLimits;
import io.sluice.broker.session.SessionStore;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.status.ConnectedClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections of one client id, of which one cannot begin, since there is no memory at this moment. */
class ClientConnectionsTest {

    private final ConnectedClient client =
            new ConnectedClient("device", Optional.empty(), "127.0.0.1:1", "5", Instant.EPOCH, 0, "tcp");
    private final SharedBuffer buffer = SharedBuffer.open(
            new BufferConfig(Optional.empty(), 4 << 20, Overflow.BLOCK, 1 << 16, Duration.ZERO, Duration.ZERO));
    private final SessionStore store = SessionStore.open(Optional.empty(), SessionLimits.DEFAULT);
    private final AccessControl access = AccessControl.of(TestBroker.OPEN);
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final AtomicInteger begun = new AtomicInteger();
    private final ClientConnections connections = new ClientConnections();
    private FrontDoor door;

    @BeforeEach
    void open() throws Exception {
        door = FrontDoor.open(TestBroker.doorConfig(access), buffer, store, new UnreleasedIds(buffer));
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        door.close();
        access.close();
        store.close();
        buffer.close();
    }

    private static void cannot() {
        throw new OutOfMemoryError("in this test");
    }

    private ClientConnections.Turn register(long order, Runnable begin) {
        return connections
                .register(client, order, false, new Connection(door.parts, channel, Transport.TCP), begin)
                .turn()
                .orElseThrow();
    }

    private void leaves(ClientConnections.Turn turn) {
        turn.hasAppendedAll();
        connections.left(turn);
    }

    @Test
    void one_that_cannot_begin_counts_no_longer_and_holds_up_none_after_it() {
        assertThatThrownBy(() -> register(1, ClientConnectionsTest::cannot)).isInstanceOf(OutOfMemoryError.class);
        assertThat(connections.count()).isZero();

        ClientConnections.Turn next = register(2, begun::incrementAndGet);

        assertThat(begun).hasValue(1);
        next.whenFormerHasAppendedAll(begun::incrementAndGet);
        assertThat(begun).hasValue(2);
        leaves(next);
        assertThat(connections.of("device")).isEmpty();
    }

    @Test
    void one_that_cannot_begin_when_it_is_its_turn_holds_up_none_after_it_either() {
        ClientConnections.Turn first = register(1, () -> {});
        register(2, ClientConnectionsTest::cannot);
        register(3, begun::incrementAndGet).whenFormerHasAppendedAll(begun::incrementAndGet);
        assertThat(begun).hasValue(0);

        leaves(first);

        assertThat(begun).hasValue(2);
        assertThat(connections.count()).isEqualTo(1);
    }
}
