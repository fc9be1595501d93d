package io.sluice.connect;

import static io.sluice.connect.TaskHarness.payloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.Lanes;
import io.sluice.message.Message;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The task on a real buffer, called as Kafka Connect calls it. */
class MqttSourceTaskTest {

    @TempDir
    private Path folder;

    private TaskHarness connect;

    @AfterEach
    void close() {
        connect.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void messages_become_records_that_know_where_they_came_from(boolean onDisk) throws Exception {
        connect = TaskHarness.with(onDisk ? Optional.of(folder) : Optional.empty(), "kafka.key", "{topic[1]}")
                .start();
        connect.publish(
                MessageBuilder.to("sensors/7/temp").payload("21.5").build(),
                MessageBuilder.to("sensors/7/temp").payload("21.6").build());

        List<SourceRecord> records = connect.poll(2);

        assertThat(payloads(records)).containsExactly("21.5", "21.6");
        SourceRecord second = records.get(1);
        assertThat(second.topic()).isEqualTo("iot");
        assertThat(second.kafkaPartition()).isNull();
        assertThat(second.key()).isEqualTo("7");
        assertThat(second.timestamp()).isEqualTo(MessageBuilder.RECEIVED_AT_MS);
        assertThat(second.headers().lastWithName("mqtt.client.id").value()).isEqualTo("client-1");
        assertThat(second.sourcePartition()).isEqualTo(connect.partition("client-1"));
        assertThat(second.sourceOffset().keySet()).isEqualTo(Set.of("position", "part", "run"));
        assertThat((long) second.sourceOffset().get("position"))
                .isEqualTo((long) records.get(0).sourceOffset().get("position") + 1);
        assertThat(second.sourceOffset().get("part")).isEqualTo("default");
    }

    @Test
    void records_of_the_same_content_are_not_equal() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish(MessageBuilder.to("t").build(), MessageBuilder.to("t").build());

        List<SourceRecord> records = connect.poll(2);

        assertThat(records.get(0)).isNotEqualTo(records.get(1)).isEqualTo(records.get(0));
        assertThat(new HashMap<>(Map.of(records.get(0), 1, records.get(1), 2))).hasSize(2);
    }

    @Test
    void a_poll_without_messages_returns_soon_with_nothing() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        long before = System.nanoTime();

        assertThat(connect.task().poll()).isNull();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void a_poll_returns_soon_however_much_it_must_read_that_nobody_wants() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "filter", "json.exists(x, x < 0)", "poll.max.records", "10")
                .start();
        String numbers = "[" + "1,".repeat(400) + "1]";
        Message unwanted = MessageBuilder.to("t").payload(numbers).build();
        connect.publish(Collections.nCopies(10_000, unwanted).toArray(Message[]::new));
        long before = System.nanoTime();

        assertThat(connect.task().poll()).isNull();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
        assertThat(connect.heldBack()).as("not read yet").isPositive();
    }

    @Test
    void a_poll_ends_when_few_bytes_have_become_many_and_the_next_goes_on() throws Exception {
        connect =
                TaskHarness.with(Optional.empty(), "payload.decompress", "gzip").start();
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(new byte[900_000]);
        }
        Message[] messages = new Message[100];
        Arrays.fill(
                messages, MessageBuilder.to("t").payload(zipped.toByteArray()).build());
        connect.publish(messages);

        assertThat(connect.task().poll()).as("of 64 MiB").hasSizeBetween(70, 75);
        assertThat(connect.pollAll()).hasSizeBetween(25, 30);
    }

    @Test
    void only_what_the_filters_want_is_handed_over() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "topic.filters", "a/#,b/+").start();
        connect.publish(
                MessageBuilder.to("a/1").payload("1").build(),
                MessageBuilder.to("c/1").payload("2").build(),
                MessageBuilder.to("b/1").payload("3").build(),
                MessageBuilder.to("b/1/2").payload("4").build());

        assertThat(payloads(connect.pollAll())).containsExactly("1", "3");
    }

    @Test
    void what_no_route_wants_holds_nothing_back() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "topic.filters", "a/#", "retained", "skip")
                .start();
        connect.publish(
                MessageBuilder.to("c/1").build(),
                MessageBuilder.to("a/1").retained().build());
        assertThat(connect.heldBack()).isEqualTo(2);

        assertThat(connect.pollAll()).isEmpty();
        assertThat(connect.task().poll()).isNull();

        assertThat(connect.heldBack()).isZero();
    }

    @Test
    void a_message_is_held_until_kafka_has_it_and_no_longer() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 3);
        List<SourceRecord> records = connect.poll(3);

        connect.acknowledge(records.subList(1, 3));
        assertThat(connect.heldBack()).isEqualTo(3);
        connect.acknowledge(records.subList(0, 1));
        assertThat(connect.heldBack()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_kafka_acknowledged_is_not_handed_over_again_although_no_offset_was_stored(boolean onDisk)
            throws Exception {
        connect = TaskHarness.with(onDisk ? Optional.of(folder) : Optional.empty())
                .start();
        connect.publish("c", 1, 10);
        connect.acknowledge(connect.poll(10).subList(0, 6));

        connect.restart();

        assertThat(payloads(connect.pollAll())).containsExactly("7", "8", "9", "10");
    }

    @Test
    void what_kafka_acknowledged_survives_the_buffer() throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish("c", 1, 10);
        connect.acknowledge(connect.poll(10).subList(0, 6));

        connect.restartWithBuffer();

        assertThat(payloads(connect.pollAll())).containsExactly("7", "8", "9", "10");
    }

    @Test
    void what_was_acknowledged_out_of_order_is_handed_over_again_from_the_first_hole() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 6);
        List<SourceRecord> records = connect.poll(6);
        connect.acknowledge(List.of(records.get(5), records.get(0), records.get(3)));

        connect.restart();

        assertThat(payloads(connect.pollAll())).containsExactly("2", "3", "4", "5", "6");
    }

    @Test
    void a_stuck_lane_holds_back_no_other() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        assertThat(Lanes.of("a")).isNotEqualTo(Lanes.of("b"));
        connect.publish("a", 1, 2);
        connect.publish("b", 3, 4);
        connect.acknowledge(connect.poll(4).subList(2, 4));

        connect.restart();

        assertThat(payloads(connect.pollAll())).containsExactly("1", "2");
    }

    @Test
    void a_dropped_record_counts_as_dealt_with() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 3);
        List<SourceRecord> records = connect.poll(3);
        connect.acknowledge(records.subList(0, 1));
        connect.task().commitRecord(records.get(1), null);

        connect.restart();

        assertThat(payloads(connect.pollAll())).containsExactly("3");
    }

    @Test
    void a_batch_that_was_filtered_as_a_whole_with_exactly_once_counts_as_dealt_with_at_the_next_poll()
            throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 3);
        connect.poll(3);
        connect.task().commit(); // exactly-once: on the thread that polls, and of no record
        connect.task().poll();

        connect.restart();

        assertThat(connect.pollAll()).isEmpty();
    }

    @Test
    void the_last_commit_before_a_stop_counts_nothing_that_was_not_acknowledged() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 3);
        List<SourceRecord> sent = connect.poll(3).subList(0, 1);
        connect.acknowledge(sent);
        connect.storeOffsets(sent);
        connect.task().commit(); // the task stops while Kafka Connect tries to send the rest

        connect.restart();

        assertThat(payloads(connect.pollAll())).containsExactly("2", "3");
    }

    @Test
    void a_commit_on_another_thread_counts_nothing_that_was_not_acknowledged() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 3);
        connect.poll(3);
        Thread committer = new Thread(() -> connect.task().commit());
        committer.start();
        committer.join();
        connect.task().poll();

        connect.restart();

        assertThat(payloads(connect.pollAll())).containsExactly("1", "2", "3");
    }

    @Test
    void an_offset_that_kafka_holds_is_enough_to_go_on_exactly_behind_it() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 5);
        connect.storeOffsets(connect.poll(5).subList(0, 3)); // a crash before anything was acknowledged

        connect.restart();

        assertThat(payloads(connect.pollAll())).containsExactly("4", "5");
    }

    @Test
    void of_a_message_that_became_several_records_only_those_missing_are_handed_over() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "routes", "x,y,z");
        for (String route : List.of("x", "y", "z")) {
            connect.configure("route." + route + ".topic.filters", "#")
                    .configure("route." + route + ".kafka.topic", route);
        }
        connect.start();
        connect.publish("c", 1, 2);
        List<SourceRecord> records = connect.poll(6);
        assertThat(topics(records)).containsExactly("x", "y", "z", "x", "y", "z");

        connect.storeOffsets(records.subList(0, 2));
        connect.restart();
        assertThat(topics(connect.pollAll())).containsExactly("z", "x", "y", "z");

        connect.storeOffsets(records.subList(0, 3));
        connect.restart();
        assertThat(topics(connect.pollAll())).containsExactly("x", "y", "z");

        connect.acknowledge(connect.pollAll());
        connect.storeOffsets(records);
        connect.restart();
        assertThat(connect.pollAll()).isEmpty();
    }

    @Test
    void routes_that_change_their_order_neither_repeat_nor_leave_out_a_record_of_a_message() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "routes", "x,y,z");
        for (String route : List.of("x", "y", "z")) {
            connect.configure("route." + route + ".topic.filters", "#")
                    .configure("route." + route + ".kafka.topic", route);
        }
        connect.start();
        connect.publish("c", 1, 1);
        connect.storeOffsets(connect.poll(3).subList(0, 1)); // a crash between two records of the message

        connect.configure("routes", "z,y,x").restart();
        assertThat(topics(connect.pollAll())).containsExactlyInAnyOrder("y", "z");
    }

    @Test
    void an_operator_rewinds_and_a_crash_on_the_way_does_not_cut_the_repetition_short() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 6);
        List<SourceRecord> records = connect.poll(6);
        connect.acknowledge(records);
        connect.storeOffsets(records);

        connect.offsets()
                .put(
                        connect.partition("c"),
                        Map.of("position", records.get(1).sourceOffset().get("position")));
        connect.restart();
        List<SourceRecord> repeated = connect.pollAll();
        assertThat(payloads(repeated)).containsExactly("3", "4", "5", "6");

        connect.acknowledge(repeated.subList(0, 2));
        connect.storeOffsets(repeated.subList(0, 2));
        connect.restart();
        assertThat(payloads(connect.pollAll())).containsExactly("5", "6");
    }

    @Test
    void an_operator_skips_forward() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 4);
        List<SourceRecord> records = connect.poll(4);

        connect.offsets()
                .put(
                        connect.partition("c"),
                        Map.of("position", records.get(2).sourceOffset().get("position")));
        connect.restart();

        assertThat(payloads(connect.pollAll())).containsExactly("4");
    }

    @Test
    void an_operator_resets_and_all_that_is_kept_is_handed_over_again() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 3);
        connect.publish("d", 4, 6);
        List<SourceRecord> records = connect.poll(6);
        connect.acknowledge(records);
        connect.storeOffsets(records);
        connect.task().commit();

        connect.restart();
        assertThat(connect.pollAll()).isEmpty();

        connect.offsets().clear();
        connect.restart();
        assertThat(payloads(connect.pollAll())).containsExactly("1", "2", "3", "4", "5", "6");
    }

    @Test
    void a_connector_whose_offsets_were_never_stored_is_not_taken_for_one_that_was_reset() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 3);
        connect.acknowledge(connect.poll(3));

        connect.restart();

        assertThat(connect.pollAll()).isEmpty();
    }

    @Test
    void a_record_that_arrives_while_kafka_connect_stores_offsets_for_the_last_time_is_not_handed_over_again()
            throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 3);
        List<SourceRecord> records = connect.poll(3);
        CompletableFuture.runAsync(() -> connect.acknowledge(records)).join(); // as without transactions
        connect.task().commit();

        connect.restart();

        assertThat(connect.pollAll()).isEmpty();
    }

    @Test
    void a_record_that_arrives_after_kafka_connect_has_looked_has_no_stored_offset_until_it_looks_again()
            throws Exception {
        connect = TaskHarness.with(Optional.empty(), "poll.max.records", "1", "filter", "topic == 't'")
                .start();
        connect.publish("c", 1, 1);
        List<SourceRecord> records = connect.poll(1);
        for (int i = 0; i < 5; i++) {
            connect.publish(MessageBuilder.to("unwanted").build());
        }
        connect.publish("d", 2, 2);
        CompletableFuture.runAsync(() -> connect.acknowledge(records)).join();
        assertThat(payloads(connect.poll(1))).as("of one poll").containsExactly("2");
        CompletableFuture.runAsync(() -> {
                    connect.task().commit();
                    connect.task().commit();
                })
                .join();

        connect.restart();

        assertThat(payloads(connect.pollAll())).containsExactly("2");
    }

    @Test
    void an_offset_beyond_the_log_fails_the_start() {
        connect = TaskHarness.with(Optional.empty());
        connect.offsets().put(connect.partition("c"), Map.of("position", 1_000_000L));

        assertThatThrownBy(() -> connect.start())
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("position 1000000")
                .hasMessageContaining("restored from an older copy");
    }

    @Test
    void a_newer_task_takes_the_place_of_one_that_has_not_stopped_yet() throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 3);
        MqttSourceTask zombie = connect.task();
        List<SourceRecord> records = connect.poll(3);
        MqttSourceTask newer = connect.newTask();
        newer.start(connect.properties());

        assertThatThrownBy(zombie::poll).isInstanceOf(ConnectException.class).hasMessageContaining("'mqtt'");
        assertThatCode(() -> zombie.commitRecord(records.get(0), TaskHarness.SENT))
                .doesNotThrowAnyException();
        assertThatCode(zombie::stop).doesNotThrowAnyException();
        assertThat(payloads(newer.poll())).containsExactly("1", "2", "3");
        newer.stop();
    }

    @Test
    void a_stop_keeps_what_was_acknowledged_and_can_be_repeated_and_late_acknowledgements_do_no_harm()
            throws Exception {
        connect = TaskHarness.with(Optional.empty()).start();
        connect.publish("c", 1, 3);
        List<SourceRecord> records = connect.poll(3);
        connect.acknowledge(records.subList(0, 1));
        MqttSourceTask stopped = connect.task();
        stopped.stop();
        stopped.stop();
        stopped.commitRecord(records.get(1), TaskHarness.SENT);
        stopped.commit();

        connect.restart();

        assertThat(payloads(connect.pollAll())).containsExactly("2", "3");
    }

    @Test
    void a_task_that_could_not_start_can_be_stopped_and_tells_why() {
        connect = TaskHarness.with(Optional.empty());
        MqttSourceTask unlucky = connect.newTask((config, drains) -> {
            throw new BufferException("the folder /x cannot be written");
        });
        assertThatThrownBy(() -> unlucky.start(connect.properties()))
                .isInstanceOf(ConnectException.class)
                .hasMessage("the folder /x cannot be written");
        assertThatCode(unlucky::stop).doesNotThrowAnyException();
        assertThatCode(unlucky::commit).doesNotThrowAnyException();
    }

    @Test
    void a_task_whose_routes_cannot_be_made_tells_why_and_starts_when_they_can(@TempDir Path schemas) throws Exception {
        Files.writeString(schemas.resolve("unmade.default.json"), "{");
        connect = TaskHarness.with(
                Optional.empty(),
                "name",
                "unmade",
                "value.format",
                "json",
                "value.schema",
                "infer",
                "value.schema.infer.dir",
                schemas.toString(),
                "kafka.partition",
                "0",
                "producer.override.bootstrap.servers",
                "127.0.0.1:1");

        assertThatThrownBy(connect::start).hasMessageContaining("is no JSON Schema of an object");
        assertThat(Events.of("unmade")).contains("task.failed");
        connect.task().stop();
        Files.delete(schemas.resolve("unmade.default.json"));
        connect.properties().remove("kafka.partition");
        connect.restart();
        connect.publish(MessageBuilder.to("t").payload("{\"x\":1}").build());
        assertThat(connect.poll(1)).hasSize(1);
    }

    @Test
    void a_task_does_not_start_with_a_wrong_configuration() {
        connect = TaskHarness.with(Optional.empty(), "topic.filters", "a#");

        assertThatThrownBy(() -> connect.start())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("'a#' is not a topic filter");
    }

    @Test
    void with_acknowledgements_in_any_order_nothing_is_lost_and_only_what_follows_a_hole_is_repeated()
            throws Exception {
        connect = TaskHarness.with(Optional.of(folder), "poll.max.records", "7").start();
        Random random = new Random(7);
        IntStream.rangeClosed(1, 300).forEach(number -> connect.publish("client-" + number % 5, number, number));
        List<String> acknowledged = new ArrayList<>();
        List<String> handedOver = new ArrayList<>();
        for (int round = 0; round < 6; round++) {
            List<SourceRecord> records = new ArrayList<>(connect.poll(80));
            handedOver.addAll(payloads(records));
            Collections.shuffle(records, random);
            List<SourceRecord> some = records.subList(0, random.nextInt(records.size() + 1));
            connect.acknowledge(some);
            acknowledged.addAll(payloads(some));
            connect.restart();
        }
        List<SourceRecord> rest = connect.pollAll();
        acknowledged.addAll(payloads(rest));
        handedOver.addAll(payloads(rest));

        List<String> published =
                IntStream.rangeClosed(1, 300).mapToObj(Integer::toString).toList();
        assertThat(acknowledged).containsAll(published);
        assertThat(handedOver.size()).isLessThan(300 + 6 * 87);
    }

    private static List<String> topics(List<SourceRecord> records) {
        return records.stream().map(SourceRecord::topic).toList();
    }
}
