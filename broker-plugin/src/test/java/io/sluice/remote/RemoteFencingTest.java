package io.sluice.remote;

import static io.sluice.remote.Served.PATIENCE;
import static io.sluice.remote.Served.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.FencedException;
import io.sluice.buffer.consumer.Run;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Attachments over the network that follow each other, and buffers that are not those that were drained before. */
class RemoteFencingTest extends WithServedBuffer {

    @Test
    void another_buffer_at_the_same_address_is_not_drained() throws Exception {
        try (RemoteAttachment remote = broker.reader("c")) {
            broker.append(0, 3);
            read(remote, 3);
            broker.stop();
            broker.startAgain(dir.resolve("other"));
            assertThatThrownBy(() -> readUntilItFails(remote))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("buffer is " + broker.buffer().id())
                    .hasMessageContaining(remote.bufferId());
            assertThat(broker.buffer().stats().consumers()).isEmpty();
            assertThat(remote.connection().connected()).isFalse();
            assertThatThrownBy(() -> remote.isOwnRun("a mark", -1))
                    .isNotInstanceOf(BufferUnreachableException.class)
                    .hasMessageContaining("buffer is " + broker.buffer().id());
        }
    }

    @Test
    void a_buffer_restored_from_an_older_copy_is_not_drained() throws Exception {
        Path copy = dir.resolve("copy");
        String run;
        try (RemoteAttachment remote = broker.reader("c")) {
            run = remote.run();
            broker.append(0, 3);
            read(remote, 3);
            broker.stop();
            copy(dir.resolve("buffer"), copy);
            broker.startAgain();
            broker.append(3, 10);
            read(remote, 7);
            broker.stop();
            broker.startAgain(copy);
            assertThatThrownBy(() -> readUntilItFails(remote))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("restored from an older copy");
        }
        try (RemoteAttachment again = broker.attach(TestMessages.spec("c"))) {
            assertThat(again.isOwnRun(run, -1)).isTrue();
            assertThatThrownBy(() -> again.seek(LanePositions.all(9)))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("restored from an older copy");
            broker.append(3, 20);
            assertThatThrownBy(() -> again.isOwnRun(run, 9))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("restored from an older copy");
        }
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void a_newer_attachment_fences_it_here_and_over_the_network() throws Exception {
        RemoteAttachment first = broker.reader("c");
        RemoteAttachment second = broker.reader("c");
        assertThatThrownBy(() -> readUntilItFails(first)).isInstanceOf(FencedException.class);
        first.acknowledge(LanePositions.all(100));
        first.close();
        try (Attachment local = broker.buffer().attach(TestMessages.spec("c"))) {
            local.seek(local.acknowledged());
            assertThatThrownBy(() -> readUntilItFails(second)).isInstanceOf(FencedException.class);
        }
        second.close();
    }

    @Test
    void an_attempt_to_attach_that_arrives_when_its_worker_has_given_it_up_takes_nothing_from_its_follower()
            throws Exception {
        try (Proxy proxy = new Proxy(broker.endpoint())) {
            proxy.silenceAt("connector-17");
            Thread givenUp = new Thread(() -> {
                try {
                    RemoteAttachment.attach(
                            proxy.endpoint(), BufferCredentials.NONE, TestMessages.spec("connector-17"));
                } catch (BufferException expected) {
                    // it is interrupted
                }
            });
            givenUp.start();
            await().atMost(PATIENCE).until(proxy::holdsBack);
            givenUp.interrupt();
            givenUp.join();
            try (RemoteAttachment living = broker.reader("connector-17")) {
                int before = numberOfNextAttachment();
                proxy.letHeldBackPass();
                AtomicInteger asked = new AtomicInteger();
                await().atMost(PATIENCE).until(() -> numberOfNextAttachment() > before + asked.incrementAndGet());
                broker.append(0, 10);
                assertThat(read(living, 10)).hasSize(10);
                assertThat(living.connection().losses()).isZero();
            }
        }
    }

    /** Attachments are numbered in the order in which they arrive. */
    private int numberOfNextAttachment() {
        try (Attachment probe = broker.buffer().attach(TestMessages.spec("connector-17"))) {
            return ByteBuffer.wrap(
                            Base64.getUrlDecoder().decode(Run.of(probe.run()).attachment()))
                    .getInt();
        }
    }

    @Test
    void one_that_was_followed_while_it_was_away_does_not_fence_its_follower() throws Exception {
        try (Proxy proxy = new Proxy(broker.endpoint());
                RemoteAttachment zombie =
                        RemoteAttachment.attach(proxy.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"))) {
            zombie.seek(zombie.acknowledged());
            proxy.cut();
            await().atMost(PATIENCE).until(() -> !zombie.connection().connected());
            RemoteAttachment follower = broker.reader("c");
            broker.append(0, 1);
            assertThat(read(follower, 1)).hasSize(1);
            broker.stop();
            await().atMost(PATIENCE).until(() -> !follower.connection().connected());
            follower.close();
            broker.startAgain();
            // It comes back first, and to a broker that nobody else has attached to.
            proxy.mend();
            assertThatThrownBy(() -> readUntilItFails(zombie)).isInstanceOf(FencedException.class);
            assertThat(broker.buffer().stats().consumers())
                    .singleElement()
                    .satisfies(consumer -> assertThat(consumer.attached()).isFalse());
        }
    }

    @Test
    void a_mark_is_recognised_by_the_broker() {
        try (RemoteAttachment first = broker.attach(TestMessages.spec("c"));
                RemoteAttachment other = broker.attach(TestMessages.spec("d"));
                RemoteAttachment again = broker.attach(TestMessages.spec("c"))) {
            assertThat(again.isOwnRun(again.run(), -1)).isTrue();
            assertThat(again.isOwnRun(first.run(), -1)).isTrue();
            assertThat(again.isOwnRun(other.run(), -1)).isFalse();
            assertThat(again.isOwnRun("no mark at all", -1)).isFalse();
        }
    }
}
