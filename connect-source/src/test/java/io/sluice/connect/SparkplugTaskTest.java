package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Payload;
import io.sluice.message.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A task gives aliases of Sparkplug B their names, in the order of the log. */
class SparkplugTaskTest {

    private static final String NODE = "press";

    private static TaskHarness harness(Optional<Path> dir, String... more) {
        TaskHarness connect = TaskHarness.with(
                dir,
                "name",
                "sparkplug-" + UUID.randomUUID(),
                "value.format",
                "sparkplug",
                "value.converter",
                JsonConverter.class.getName());
        for (int i = 0; i < more.length; i += 2) {
            connect.configure(more[i], more[i + 1]);
        }
        return connect;
    }

    private static List<String> events(String event, TaskHarness connect) throws Exception {
        return Events.lines(connect.properties().get("name")).stream()
                .filter(line -> line.contains(event))
                .toList();
    }

    private static Message message(String type, String rest, Payload.Builder payload) {
        return MessageBuilder.to("spBv1.0/plant/" + type + "/" + rest)
                .from("edge")
                .payload(payload.build().toByteArray())
                .build();
    }

    private static Message birth(String type, String rest, long seq, String... names) {
        Payload.Builder payload = Payload.newBuilder().setSeq(seq);
        for (int alias = 0; alias < names.length; alias++) {
            payload.addMetrics(
                    Metric.newBuilder().setName(names[alias]).setAlias(alias).setDatatype(3));
        }
        return message(type, rest, payload);
    }

    private static Message data(String type, String rest, long seq, long alias) {
        return message(
                type,
                rest,
                Payload.newBuilder()
                        .setSeq(seq)
                        .addMetrics(Metric.newBuilder().setAlias(alias).setIntValue(7)));
    }

    /** Type and names of metrics of each record; "?" where there is no name. */
    private static List<String> names(List<SourceRecord> records) {
        List<String> all = new ArrayList<>();
        for (SourceRecord record : records) {
            Struct message = (Struct) record.value();
            StringBuilder text = new StringBuilder(message.getString("type"));
            for (Object item : message.getArray("metrics")) {
                Struct metric = (Struct) item;
                assertThat(metric.getBoolean("alias_unknown")).isEqualTo(metric.getString("name") == null);
                text.append(' ').append(metric.getString("name") == null ? "?" : metric.getString("name"));
            }
            all.add(text.toString());
        }
        return all;
    }

    @Test
    void births_name_the_metrics_of_what_comes_after_them_until_the_next_birth() throws Exception {
        try (TaskHarness connect = harness(Optional.empty()).start()) {
            connect.publish(
                    birth("NBIRTH", NODE, 0, "pressure"),
                    birth("DBIRTH", NODE + "/robot", 1, "speed", "torque"),
                    data("NDATA", NODE, 2, 0),
                    data("DDATA", NODE + "/robot", 3, 1),
                    birth("DBIRTH", NODE + "/robot", 4, "speed", "force"),
                    data("DDATA", NODE + "/robot", 5, 1),
                    birth("NBIRTH", NODE, 0, "temperature"),
                    data("NDATA", NODE, 1, 0),
                    data("DDATA", NODE + "/robot", 2, 1),
                    data("NCMD", NODE, 0, 0));

            assertThat(names(connect.poll(10)))
                    .containsExactly(
                            "NBIRTH pressure",
                            "DBIRTH speed torque",
                            "NDATA pressure",
                            "DDATA torque",
                            "DBIRTH speed force",
                            "DDATA force",
                            "NBIRTH temperature",
                            "NDATA temperature",
                            "DDATA ?",
                            "NCMD temperature");
            assertThat(events("sparkplug.rebirth.needed", connect))
                    .singleElement()
                    .asString()
                    .contains("plant/press", "spBv1.0/plant/NCMD/press");
        }
    }

    @Test
    void a_command_of_a_host_application_has_the_names_of_the_latest_birth() throws Exception {
        Message command = MessageBuilder.to("spBv1.0/plant/NCMD/" + NODE)
                .from("host")
                .payload(Payload.newBuilder()
                        .addMetrics(Metric.newBuilder().setAlias(0).setIntValue(7))
                        .build()
                        .toByteArray())
                .build();
        try (TaskHarness connect = harness(Optional.empty()).start()) {
            connect.publish(
                    birth("NBIRTH", NODE, 0, "pressure"), command, birth("NBIRTH", NODE, 0, "temperature"), command);

            assertThat(names(connect.poll(4)))
                    .containsExactly("NBIRTH pressure", "NCMD pressure", "NBIRTH temperature", "NCMD temperature");
        }
    }

    @Test
    void a_task_that_starts_anew_and_a_buffer_that_is_opened_again_know_births_that_are_in_kafka(@TempDir Path dir)
            throws Exception {
        try (TaskHarness connect = harness(Optional.of(dir)).start()) {
            connect.publish(birth("NBIRTH", NODE, 0, "pressure"), birth("DBIRTH", NODE + "/robot", 1, "speed"));
            List<SourceRecord> births = connect.poll(2);
            connect.acknowledge(births);
            connect.storeOffsets(births);

            connect.restart();
            connect.publish(data("NDATA", NODE, 2, 0), data("DDATA", NODE + "/robot", 3, 0));
            List<SourceRecord> records = connect.poll(2);
            assertThat(names(records)).containsExactly("NDATA pressure", "DDATA speed");
            connect.acknowledge(records);
            connect.storeOffsets(records);

            connect.restartWithBuffer();
            connect.publish(data("DDATA", NODE + "/robot", 4, 0), data("NDATA", NODE, 5, 0));
            assertThat(names(connect.poll(2))).containsExactly("DDATA speed", "NDATA pressure");
        }
    }

    @Test
    void a_task_that_reads_again_gives_the_names_that_were_right_then() throws Exception {
        try (TaskHarness connect = harness(Optional.empty()).start()) {
            connect.publish(birth("NBIRTH", NODE, 0, "pressure"));
            List<SourceRecord> first = connect.poll(1);
            connect.acknowledge(first);
            connect.storeOffsets(first);
            connect.publish(
                    data("NDATA", NODE, 1, 0), birth("NBIRTH", NODE, 0, "temperature"), data("NDATA", NODE, 1, 0));
            assertThat(connect.poll(3)).hasSize(3);

            connect.restart();
            assertThat(names(connect.poll(3)))
                    .containsExactly("NDATA pressure", "NBIRTH temperature", "NDATA temperature");
        }
    }

    @Test
    void births_are_known_to_a_route_that_does_not_take_them() throws Exception {
        try (TaskHarness connect =
                harness(Optional.empty(), "topic.filters", "spBv1.0/+/DDATA/#").start()) {
            connect.publish(
                    birth("NBIRTH", NODE, 0, "pressure"),
                    birth("DBIRTH", NODE + "/robot", 1, "speed"),
                    data("DDATA", NODE + "/robot", 2, 0));

            assertThat(names(connect.poll(1))).containsExactly("DDATA speed");
        }
    }

    @Test
    void gaps_of_the_sequence_are_counted_and_told_and_births_begin_it_anew() throws Exception {
        try (TaskHarness connect = harness(Optional.empty()).start()) {
            connect.publish(
                    data("NDATA", NODE, 254, 0),
                    data("NDATA", NODE, 255, 0),
                    data("NDATA", NODE, 0, 0),
                    data("NDATA", NODE, 3, 0),
                    birth("NBIRTH", NODE, 0, "pressure"),
                    data("NDATA", NODE, 1, 0));
            assertThat(connect.poll(6)).hasSize(6);

            assertThat(events("sparkplug.gap", connect))
                    .singleElement()
                    .asString()
                    .contains("\"expected\":1", "\"found\":3");
        }
    }

    @Test
    void what_the_filters_leave_out_is_no_gap_and_what_is_missing_where_all_is_read_is_one() throws Exception {
        try (TaskHarness connect = harness(Optional.empty(), "topic.filters", "spBv1.0/+/NDATA/+,spBv1.0/whole/#")
                .start()) {
            connect.publish(
                    birth("NBIRTH", NODE, 0, "pressure"),
                    birth("DBIRTH", NODE + "/robot", 1, "speed"),
                    data("DDATA", NODE + "/robot", 2, 0),
                    data("NDATA", NODE, 3, 0),
                    data("DDATA", NODE + "/robot", 4, 0),
                    data("NDATA", NODE, 5, 0),
                    inGroup("whole", "NBIRTH", 0),
                    inGroup("whole", "NDATA", 1),
                    inGroup("whole", "NDATA", 3));
            assertThat(connect.pollAll()).hasSize(5);

            assertThat(events("sparkplug.gap", connect))
                    .singleElement()
                    .asString()
                    .contains("whole/press", "\"expected\":2", "\"found\":3");
        }
    }

    private static Message inGroup(String group, String type, long seq) {
        return MessageBuilder.to("spBv1.0/" + group + "/" + type + "/" + NODE)
                .from("edge")
                .payload(Payload.newBuilder().setSeq(seq).build().toByteArray())
                .build();
    }

    @Test
    void a_metric_that_has_its_name_asks_for_no_rebirth_although_nobody_says_its_type() throws Exception {
        try (TaskHarness connect = harness(Optional.empty()).start()) {
            connect.publish(message(
                    "NDATA",
                    NODE,
                    Payload.newBuilder()
                            .setSeq(1)
                            .addMetrics(Metric.newBuilder()
                                    .setName("pressure")
                                    .setAlias(5)
                                    .setIntValue(7))));

            assertThat(names(connect.poll(1))).containsExactly("NDATA pressure");
            assertThat(events("sparkplug.rebirth.needed", connect)).isEmpty();
            assertThat(new TaskMBeans(connect.properties().get("name")).ofTask("sluice-unknown-aliases-total"))
                    .isZero();
        }
    }

    @Test
    void deaths_stand_before_the_birth_that_follows_them() throws Exception {
        try (TaskHarness connect = harness(Optional.empty()).start()) {
            Payload.Builder bdSeq = Payload.newBuilder()
                    .addMetrics(
                            Metric.newBuilder().setName("bdSeq").setDatatype(4).setLongValue(9));
            for (int i = 0; i < 20; i++) {
                connect.publish(
                        birth("NBIRTH", NODE, 0, "pressure"),
                        data("NDATA", NODE, 1, 0),
                        MessageBuilder.to("spBv1.0/plant/NDEATH/" + NODE)
                                .from("edge")
                                .will()
                                .payload(bdSeq.build().toByteArray())
                                .build());
            }
            List<SourceRecord> records = connect.poll(60);
            assertThat(records.stream().map(SourceRecord::sourcePartition).distinct())
                    .as("one lane, and so one task")
                    .hasSize(1);
            List<String> types = names(records);
            for (int i = 0; i < 60; i += 3) {
                assertThat(types.subList(i, i + 3))
                        .containsExactly("NBIRTH pressure", "NDATA pressure", "NDEATH bdSeq");
            }
            assertThat(((Struct) records.get(2).value()).getInt64("bd_seq")).isEqualTo(9);
        }
    }

    @Test
    void what_is_no_sparkplug_becomes_a_dead_letter_and_holds_up_nothing() throws Exception {
        try (TaskHarness connect = harness(Optional.empty()).start()) {
            connect.publish(
                    MessageBuilder.to("spBv1.0/plant/NBIRTH/" + NODE)
                            .from("edge")
                            .payload("hot")
                            .build(),
                    data("NDATA", NODE, 1, 0),
                    birth("NBIRTH", NODE, 0, "pressure"),
                    data("NDATA", NODE, 1, 0));
            List<SourceRecord> records = connect.poll(4);
            assertThat(records.get(0).topic()).isEqualTo("mqtt.dead.letters");
            assertThat(records.get(0)
                            .headers()
                            .lastWithName("sluice.error.message")
                            .value())
                    .asString()
                    .contains("its payload is not one of Sparkplug B");
            assertThat(names(records.subList(1, 4))).containsExactly("NDATA ?", "NBIRTH pressure", "NDATA pressure");
        }
    }
}
