package io.sluice.broker;

import static io.sluice.broker.raw.Mqtt.V3_1_1;
import static io.sluice.broker.raw.Mqtt.V5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Subscriptions that clients share. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class SharedSubscriptionTest extends WithSubscribers {

    /** MQTT 5, section 4.8.2. */
    @Test
    void each_message_to_a_shared_subscription_goes_to_one_of_those_who_share_it() throws Exception {
        int messages = 100;
        Subscriber one = new Subscriber("one", true, 0).subscribe("$share/group/t", 1);
        Subscriber two = new Subscriber("two", true, 0).subscribe("$share/group/t", 1);
        Subscriber other = new Subscriber("three", true, 0).subscribe("$share/other/t", 1);
        Subscriber alone = new Subscriber("four", true, 0).subscribe("t", 1);
        for (int i = 0; i < messages; i++) {
            publish("t", Integer.toString(i));
        }
        List<String> all =
                IntStream.range(0, messages).mapToObj(Integer::toString).toList();
        assertThat(other.take(messages)).containsExactlyElementsOf(all);
        assertThat(alone.take(messages)).containsExactlyElementsOf(all);
        await().until(() -> one.received.size() + two.received.size() == messages);
        assertThat(one.received).isNotEmpty();
        assertThat(two.received).isNotEmpty();
        List<String> shared = new ArrayList<>(one.take(one.received.size()));
        shared.addAll(two.take(two.received.size()));
        assertThat(shared).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void a_client_that_is_away_takes_nothing_from_those_who_share_a_subscription_with_it() throws Exception {
        int messages = 20;
        new Subscriber("away", true, 3_600).subscribe("$share/group/t", 1).disconnect();
        await().until(() -> broker.broker().stats().door().connections() == 0);
        Subscriber there = new Subscriber("there", true, 0).subscribe("$share/group/t", 1);
        for (int i = 0; i < messages; i++) {
            publish("t", Integer.toString(i));
        }
        assertThat(there.take(messages)).hasSize(messages);
    }

    @Test
    void who_leaves_a_shared_subscription_gets_nothing_any_more() throws Exception {
        Subscriber one = new Subscriber("one", true, 0).subscribe("$share/group/t", 1);
        Subscriber two = new Subscriber("two", true, 0).subscribe("$share/group/t", 1);
        one.client.unsubscribeWith().topicFilter("$share/group/t").send().get(10, TimeUnit.SECONDS);
        for (int i = 0; i < 10; i++) {
            publish("t", Integer.toString(i));
        }
        assertThat(two.take(10)).hasSize(10);
        two.disconnect();
        Subscriber three = new Subscriber("three", true, 0).subscribe("$share/group/t", 1);
        for (int i = 0; i < 10; i++) {
            publish("t", Integer.toString(i));
        }
        assertThat(three.take(10)).hasSize(10);
        one.assertNothingMore();
    }

    @Test
    void a_group_goes_on_receiving_when_another_client_subscribes_to_the_same_filter_twice_and_leaves()
            throws Exception {
        Subscriber one = new Subscriber("one", true, 0).subscribe("$share/group/t/#", 1);
        Subscriber console = new Subscriber("console", true, 0).subscribe("t/#", 1);
        publish("t/a", "first");
        assertThat(one.take(1)).containsExactly("first");
        console.subscribe("t/#", 0);
        publish("t/a", "second");
        assertThat(one.take(1)).containsExactly("second");
        console.client.unsubscribeWith().topicFilter("t/#").send().get(10, TimeUnit.SECONDS);
        publish("t/a", "third");
        assertThat(one.take(1)).containsExactly("third");
        assertThat(console.take(2)).containsExactly("first", "second");
        console.assertNothingMore();
    }

    @Test
    void who_leaves_a_share_keeps_its_own_subscription_to_the_same_filter() throws Exception {
        Subscriber one = new Subscriber("one", true, 0)
                .subscribe("t", 1)
                .subscribe("$share/group/t", 1)
                .subscribe("$share/other/t", 1);
        one.client.unsubscribeWith().topicFilter("$share/group/t").send().get(10, TimeUnit.SECONDS);
        publish("t", "x");
        assertThat(one.take(2)).containsExactly("x", "x");
        one.assertNothingMore();
    }

    @Test
    void a_shared_subscription_is_sent_no_retained_messages() throws Exception {
        publish(V5.publishRetained("t", 1, 1, "kept"));
        new Subscriber("one", true, 0).subscribe("$share/group/t", 1).assertNothingMore();
    }

    @Test
    void a_client_of_mqtt_3_1_1_subscribes_to_a_filter_that_begins_with_share_as_to_any_other() throws Exception {
        try (Peer peer = Peer.connected(broker.port(), V3_1_1, "x")) {
            peer.send(V3_1_1.subscribe(1, 0, "$share/group/t"));
            byte[] suback = peer.next(Mqtt.SUBACK).body();
            assertThat(suback[2] & 0xFF).isIn(0, 0x80);
        }
    }
}
