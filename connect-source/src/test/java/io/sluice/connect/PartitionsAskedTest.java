package io.sluice.connect;

import static io.sluice.connect.TaskHarness.payloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** A route that chooses the partition, and a Kafka that does not say which there are. */
class PartitionsAskedTest {

    @Test
    void messages_wait_while_kafka_does_not_say_how_many_partitions_there_are_and_none_is_made_twice()
            throws Exception {
        try (TaskHarness connect = TaskHarness.with(
                        Optional.empty(),
                        "routes",
                        "all,parted",
                        "route.all.topic.filters",
                        "#",
                        "route.all.filter",
                        "topic == 'wanted'",
                        "route.parted.topic.filters",
                        "t/parted",
                        "route.parted.kafka.partition",
                        "{property.p|0}",
                        "producer.override.bootstrap.servers",
                        "127.0.0.1:1")
                .start()) {
            connect.publish(
                    MessageBuilder.to("wanted").payload("1").build(),
                    MessageBuilder.to("t/parted").payload("2").build(),
                    MessageBuilder.to("wanted").payload("3").build());

            List<SourceRecord> before = connect.poll(1);
            assertThat(payloads(before)).containsExactly("1");
            connect.acknowledge(before);
            assertThat(connect.task().poll()).isNull();
            assertThat(connect.task().poll()).isNull();
            assertThat(connect.heldBack()).isEqualTo(2);
            assertThat(new TaskMBeans("mqtt").ofTask("sluice-filtered-records-total"))
                    .as("counted once it is made")
                    .isZero();
            assertThat(new TaskMBeans("mqtt").ofTask("sluice-kafka-silence-ms")).isGreaterThan(1_000);

            connect.configure("route.parted.kafka.partition", "").restart();
            assertThat(payloads(connect.pollAll())).containsExactly("2", "3");
        }
    }

    @Test
    void kafka_is_not_silent_while_nobody_asks_it_as_the_connector_is_paused() throws Exception {
        try (TaskHarness connect = TaskHarness.with(
                        Optional.empty(),
                        "name",
                        "paused-unanswered",
                        "kafka.partition",
                        "{property.p|0}",
                        "producer.override.bootstrap.servers",
                        "127.0.0.1:1")
                .start()) {
            connect.publish(MessageBuilder.to("t").build());
            TaskMBeans task = new TaskMBeans("paused-unanswered");
            await().until(() -> connect.task().poll() == null && task.ofTask("sluice-kafka-silence-ms") > 500);

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() ->
                            assertThat(task.ofTask("sluice-kafka-silence-ms")).isZero());

            assertThat(connect.task().poll()).isNull();
            assertThat(task.ofTask("sluice-kafka-silence-ms"))
                    .as("since it was resumed")
                    .isLessThan(4_000);
        }
    }
}
