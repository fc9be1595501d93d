package io.sluice.remote;

import static io.sluice.remote.Served.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.record.Lanes;
import io.sluice.message.TopicFilter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records in doubt, said to the broker over the network. */
class RemoteDoubtsTest extends WithServedBuffer {

    @Test
    void what_it_leaves_in_doubt_is_there_when_it_comes_again_also_after_the_connection_was_lost_and_a_restart() {
        Doubt left = new Doubt(9, 8, 1, 2, Lanes.NONE.with(5));
        try (RemoteAttachment remote = broker.attach(TestMessages.spec("c"))) {
            assertThat(remote.doubt()).isEqualTo(Doubt.NONE);
            remote.doubt(left); // it drains nothing yet, and has nothing to say
            assertThat(remote.doubt()).isEqualTo(Doubt.NONE);
            remote.seek(remote.acknowledged());
            remote.doubt(new Doubt(9, -1, 0, 0, Lanes.NONE));
            broker.stop();
            await().atMost(PATIENCE).until(() -> !remote.connection().connected());
            remote.doubt(left);
            broker.startAgain();
            await().atMost(PATIENCE).until(() -> remote.connection().connected());
        }
        await().atMost(PATIENCE).untilAsserted(() -> {
            try (Attachment local = broker.buffer().attach(TestMessages.spec("c"))) {
                assertThat(local.doubt()).isEqualTo(left);
            }
        });
        broker.stop();
        broker.startAgain();
        try (RemoteAttachment again = broker.attach(TestMessages.spec("c"))) {
            assertThat(again.doubt()).isEqualTo(left);
        }
    }

    @Test
    void what_tasks_that_share_a_broker_leave_in_doubt_is_there_for_each_and_for_one_that_follows_them() {
        Lanes half = new Lanes(0xFFFF_FFFFL);
        Lanes otherHalf = Lanes.ALL.without(half);
        try (RemoteAttachment one = broker.reader("c")) {
            one.doubt(new Doubt(9, 8, 0, 2, Lanes.NONE.with(5).with(40)));
        }
        try (RemoteAttachment sharing = attachTo(half);
                RemoteAttachment other = attachTo(otherHalf)) {
            assertThat(sharing.doubt()).isEqualTo(new Doubt(9, 8, 0, 2, Lanes.NONE.with(5)));
            assertThat(other.doubt()).isEqualTo(new Doubt(9, 8, 0, 2, Lanes.NONE.with(40)));
            sharing.seek(sharing.acknowledged());
            sharing.doubt(new Doubt(12, 11, 0, 4, Lanes.NONE.with(6)));
        }
        broker.stop();
        broker.startAgain();
        try (RemoteAttachment one = broker.attach(TestMessages.spec("c"))) {
            assertThat(one.doubt())
                    .isEqualTo(new Doubt(12, 11, 0, 4, Lanes.NONE.with(6).with(40)));
        }
    }

    private RemoteAttachment attachTo(Lanes lanes) {
        return broker.attach(new AttachRequest("c", List.of(TopicFilter.of("#")), AckMode.BUFFERED, lanes));
    }

    @Test
    void what_is_in_doubt_is_said_until_the_broker_answers_that_it_is_on_its_disk() throws Exception {
        Doubt left = new Doubt(9, 8, 1, 2, Lanes.NONE.with(5));
        try (Proxy proxy = new Proxy(broker.endpoint());
                RemoteAttachment remote =
                        RemoteAttachment.attach(proxy.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"))) {
            assertThat(remote.isDoubtKept()).isTrue();
            remote.seek(remote.acknowledged());
            proxy.silence();
            remote.doubt(left); // it is on its way, and does not arrive
            assertThat(remote.isDoubtKept()).isFalse();
            proxy.cut();
            proxy.speak();
            await().atMost(PATIENCE).until(() -> !remote.connection().connected());
            assertThat(remote.isDoubtKept()).isFalse();
            proxy.mend();
            await().atMost(PATIENCE).until(remote::isDoubtKept);
            try (Attachment local = broker.buffer().attach(TestMessages.spec("c"))) {
                assertThat(local.doubt()).isEqualTo(left);
            }
        }
    }

    @Test
    void what_is_said_last_before_it_is_closed_counts_as_kept_only_if_the_broker_has_answered() throws Exception {
        Doubt left = new Doubt(9, 8, 1, 2, Lanes.NONE);
        RemoteAttachment heard = broker.reader("c");
        heard.doubt(left);
        heard.close();
        assertThat(heard.isDoubtKept()).isTrue();

        try (Proxy proxy = new Proxy(broker.endpoint())) {
            RemoteAttachment unheard =
                    RemoteAttachment.attach(proxy.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"));
            unheard.seek(unheard.acknowledged());
            proxy.silence();
            unheard.doubt(Doubt.NONE);
            unheard.close();
            assertThat(unheard.isDoubtKept()).isFalse();
            proxy.speak();
        }
    }
}
