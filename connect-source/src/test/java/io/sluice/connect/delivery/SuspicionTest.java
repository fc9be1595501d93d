package io.sluice.connect.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.AppendListener;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.MessageBuilder;
import io.sluice.message.TopicFilter;
import io.sluice.remote.BufferCredentials;
import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.DrainConfig;
import io.sluice.remote.DrainServer;
import io.sluice.remote.RemoteAttachment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a task leaves in doubt while the broker that would remember it is away. */
class SuspicionTest {

    private static final int LANE = 5;
    private static final AttachRequest SPEC =
            new AttachRequest("mqtt", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL);

    @TempDir
    private Path folder;

    private SharedBuffer buffer;
    private DrainServer server;
    private BufferEndpoint endpoint;

    @BeforeEach
    void serve() {
        buffer = SharedBuffer.open(
                new BufferConfig(Optional.of(folder), 1 << 24, Overflow.BLOCK, 1 << 16, Duration.ZERO, Duration.ZERO));
        server = start(BufferEndpoint.of("tcp://127.0.0.1:0"));
        endpoint = server.endpoint();
    }

    @AfterEach
    void close() {
        server.close();
        buffer.close();
    }

    @Test
    void is_known_to_the_next_task_of_this_worker() {
        endWithARefusalWhileTheBrokerIsAway();

        try (RemoteAttachment again = attach()) {
            assertThat(new Suspicion("mqtt", again).refusedBefore().contains(LANE))
                    .isTrue();
        }
    }

    @Test
    void is_known_to_the_next_tasks_of_this_worker_for_their_lanes_and_on_the_brokers_disk_when_they_have_begun() {
        endWithARefusalWhileTheBrokerIsAway();

        Lanes with = Lanes.NONE.with(LANE).with(LANE + 1);
        try (RemoteAttachment own = attach(with);
                RemoteAttachment other = attach(Lanes.ALL.without(with))) {
            Suspicion suspicion = new Suspicion("mqtt", own);
            assertThat(suspicion.refusedBefore()).isEqualTo(Lanes.NONE.with(LANE));
            assertThat(new Suspicion("mqtt", other).refusedBefore()).isEqualTo(Lanes.NONE);
            own.seek(own.acknowledged());
            suspicion.begun();
            await().until(own::isDoubtKept);
        }
        assertThat(buffer.attach(SPEC).doubt().refused()).isEqualTo(Lanes.NONE.with(LANE));
    }

    @Test
    void counts_no_more_once_another_worker_has_come_further() throws Exception {
        endWithARefusalWhileTheBrokerIsAway();
        try (RemoteAttachment elsewhere = attach()) {
            elsewhere.seek(elsewhere.acknowledged());
            buffer.append(List.of(MessageBuilder.to("t").build()), AppendListener.NONE);
            await().until(() -> buffer.stats().end() > 0);
            elsewhere.acknowledge(LanePositions.all(0));
            await().until(() -> buffer.stats().consumers().get(0).floor() > 0);
        }

        try (RemoteAttachment again = attach()) {
            assertThat(new Suspicion("mqtt", again).refusedBefore().contains(LANE))
                    .isFalse();
        }
    }

    /** As when Kafka is killed, then the worker before it has stored what had arrived, then Kafka again. */
    @Test
    void ends_for_a_record_that_kafka_takes_although_a_crash_makes_it_be_sent_again() {
        Delivery record = new Delivery(LANE, 7, 0, 0);
        record.take("iot");

        Suspicion first = begin();
        first.conclude(List.of(record), 8);
        Suspicion second = begin();
        second.arrived(record);
        second.allSettledIf(true, 7);
        Suspicion third = begin();
        third.conclude(List.of(record), 8);

        assertThat(begin().isCulprit(7, 0)).isFalse();
    }

    @Test
    void ends_for_a_record_that_kafka_takes_as_the_last_before_the_task_ends() {
        Delivery record = new Delivery(LANE, 7, 0, 0);
        record.take("iot");

        begin().conclude(List.of(record), 9);
        Suspicion second = begin();
        second.arrived(record);
        second.conclude(List.of(), 7);
        begin().conclude(List.of(record), 9);

        assertThat(begin().isCulprit(7, 0)).isFalse();
    }

    @Test
    void stays_with_a_record_of_which_only_the_dead_letter_has_arrived() {
        Delivery record = new Delivery(LANE, 7, 0, 0);
        record.take("iot");
        begin().conclude(List.of(record), 8);
        begin().conclude(List.of(record), 8);

        Suspicion third = begin();
        third.arrived(record);
        third.allSettledIf(true, 7);

        assertThat(begin().isCulprit(7, 0)).isTrue();
    }

    private Suspicion begin() {
        Attachment attachment = buffer.attach(SPEC);
        attachment.seek(attachment.acknowledged());
        return new Suspicion("mqtt", attachment);
    }

    private void endWithARefusalWhileTheBrokerIsAway() {
        RemoteAttachment remote = attach();
        remote.seek(remote.acknowledged());
        Suspicion suspicion = new Suspicion("mqtt", remote);
        server.close();
        await().until(() -> !remote.connection().connected());
        suspicion.refused(LANE);
        remote.close();
        suspicion.ended();
        server = start(endpoint);
    }

    private RemoteAttachment attach() {
        return attach(Lanes.ALL);
    }

    private RemoteAttachment attach(Lanes lanes) {
        return RemoteAttachment.attach(
                endpoint,
                BufferCredentials.NONE,
                new AttachRequest(SPEC.name(), SPEC.filters(), SPEC.ackMode(), lanes));
    }

    private DrainServer start(BufferEndpoint where) {
        return DrainServer.start(buffer, new DrainConfig(where, Optional.empty(), Optional.empty()));
    }
}
