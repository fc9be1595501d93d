package io.sluice.connect;

import static io.sluice.connect.TaskHarness.payloads;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.sluice.message.Message;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the routes of a task make of messages, and what becomes of those of which they can make nothing. */
class MappedMessagesTest {

    @TempDir
    private Path folder;

    private TaskHarness connect;

    @AfterEach
    void close() {
        connect.close();
    }

    @Test
    void a_message_that_cannot_be_mapped_fails_the_task_after_those_before_it() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "value.format", "string", "dead.letter.topic", "")
                .start();
        connect.publish(
                MessageBuilder.to("t").payload("1").build(),
                MessageBuilder.to("t/bad").payload(new byte[] {(byte) 0xff}).build(),
                MessageBuilder.to("t").payload("3").build());

        List<SourceRecord> before = connect.poll(1);
        assertThat(before).extracting(SourceRecord::value).containsExactly("1");
        connect.acknowledge(before);
        String sentence = "published to t/bad by client client-1, cannot be mapped by route default: its payload is not"
                + " UTF-8 text, which value.format=string requires; value.format=bytes takes any payload. With"
                + " errors.tolerance=all such messages are skipped, and with dead.letter.topic they are kept.";
        assertThatThrownBy(() -> connect.task().poll())
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(sentence);

        connect.restart();
        assertThatThrownBy(() -> connect.task().poll())
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(sentence);

        connect.configure("errors.tolerance", "all").restart();
        List<SourceRecord> after = connect.pollAll();
        assertThat(after).extracting(SourceRecord::value).containsExactly("3");
        connect.acknowledge(after);
        connect.configure("errors.tolerance", "none").restart();
        assertThat(connect.pollAll()).isEmpty();
    }

    @Test
    void records_have_only_the_headers_that_are_allowed_and_dead_letters_have_all() throws Exception {
        connect = TaskHarness.with(
                        Optional.empty(),
                        "value.format",
                        "string",
                        "kafka.headers",
                        "mqtt.topic,mqtt.property.s*e,*unit",
                        "kafka.header.unit",
                        "{property.u}")
                .start();
        MessageBuilder message = MessageBuilder.to("t")
                .property("site", "north")
                .property("size", "s")
                .property("se", "x")
                .property("s", "x")
                .property("my-unit", "m")
                .property("u", "c");
        connect.publish(
                message.payload("1").build(),
                message.payload(new byte[] {(byte) 0xff}).build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(records.get(0).headers())
                .extracting(Header::key)
                .containsExactly(
                        "mqtt.topic",
                        "mqtt.property.site",
                        "mqtt.property.size",
                        "mqtt.property.se",
                        "mqtt.property.my-unit",
                        "unit");
        assertThat(records.get(1).headers()).extracting(Header::key).contains("mqtt.qos", "mqtt.property.u");
    }

    @Test
    void a_message_that_becomes_no_record_teaches_nothing() throws Exception {
        connect = TaskHarness.with(
                        Optional.empty(),
                        "value.format",
                        "json",
                        "value.schema",
                        "infer",
                        "value.schema.infer.dir",
                        folder.toString(),
                        "record.max.bytes",
                        "2000",
                        "value.empty",
                        "null",
                        "dead.letter.topic",
                        "dead")
                .start();
        connect.publish(
                json("good", "{\"t\":1}"),
                json("odd", "{\"large\":\"" + "x".repeat(3_000) + "\"}"),
                json("odd", ""),
                json("good", "{\"t\":2}"));

        List<SourceRecord> records = connect.pollAll();

        assertThat(topics(records)).containsExactly("iot", "dead", "iot", "iot");
        assertThat(records.get(3).value()).hasToString("Struct{t=2}");
        assertThat(folder.resolve("mqtt.default.json"))
                .content()
                .contains("\"t\"")
                .doesNotContain("large");
    }

    @Test
    void a_schema_is_learnt_from_all_devices_kept_over_a_restart_and_lost_to_none_of_them() throws Exception {
        connect = TaskHarness.with(
                        Optional.empty(),
                        "value.format",
                        "json",
                        "value.schema",
                        "infer",
                        "value.schema.infer.dir",
                        folder.toString(),
                        "value.schema.infer.max.fields",
                        "3",
                        "value.include",
                        "clientId",
                        "dead.letter.topic",
                        "dead")
                .start();
        connect.publish(
                json("good", "{\"t\":1}"),
                json("odd", "{\"a\":1}"),
                json("odd", "{\"b\":1}"),
                json("odd", "{\"c\":1}"),
                json("odd", "{\"t\":\"warm\"}"),
                json("good", "{\"t\":2.5}"));

        List<SourceRecord> records = connect.pollAll();

        assertThat(topics(records)).containsExactly("iot", "iot", "iot", "dead", "dead", "iot");
        assertThat(records.get(5).value())
                .hasToString("Struct{t=2.5,clientId=good}")
                .extracting(value -> ((Struct) value).schema().fields().size())
                .isEqualTo(4);
        assertThat(records.get(3).headers().lastWithName("sluice.error.message").value())
                .asString()
                .endsWith("its payload has a field at /c that value.schema=infer does not learn: it has reached"
                        + " value.schema.infer.max.fields, 3.");
        connect.acknowledge(records);
        connect.restart();
        connect.publish(json("good", "{\"t\":3}"));
        assertThat(connect.pollAll())
                .extracting(SourceRecord::valueSchema)
                .containsExactly(records.get(5).valueSchema());
    }

    private static Message json(String client, String payload) {
        return MessageBuilder.to("t").from(client).payload(payload).build();
    }

    @Test
    void what_a_route_cannot_map_goes_to_the_dead_letters_in_its_place_and_is_acknowledged_as_any_record()
            throws Exception {
        connect = TaskHarness.with(Optional.empty(), "value.format", "string", "dead.letter.topic", "dead")
                .start();
        connect.publish(
                MessageBuilder.to("t").payload("1").build(),
                MessageBuilder.to("t/bad").payload(new byte[] {(byte) 0xff}).build(),
                MessageBuilder.to("t").payload("3").build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(topics(records)).containsExactly("iot", "dead", "iot");
        SourceRecord dead = records.get(1);
        assertThat(dead.value()).isEqualTo("/w==");
        assertThat(dead.timestamp()).as("it may be what was wrong").isNull();
        assertThat(dead.sourceOffset().get("position")).isEqualTo(1L);
        assertThat(dead.headers().lastWithName("sluice.error.position").value()).isEqualTo("1");
        assertThat(dead.headers().lastWithName("sluice.error.buffer").value())
                .isEqualTo(dead.sourcePartition().get("buffer"));
        connect.acknowledge(records.subList(0, 1));
        connect.acknowledge(records.subList(2, 3));
        assertThat(connect.heldBack()).isEqualTo(2);
        connect.acknowledge(records.subList(1, 2));
        assertThat(connect.heldBack()).isZero();
    }

    @Test
    void a_dead_letter_counts_as_the_part_of_its_route() throws Exception {
        connect = TaskHarness.with(
                Optional.empty(), "routes", "x,y,z", "route.y.value.format", "string", "dead.letter.topic", "dead");
        for (String route : List.of("x", "y", "z")) {
            connect.configure("route." + route + ".topic.filters", "#,t,+")
                    .configure("route." + route + ".kafka.topic", route);
        }
        connect.start();
        connect.publish(MessageBuilder.to("t").payload(new byte[] {(byte) 0xff}).build());
        List<SourceRecord> records = connect.poll(3);
        assertThat(topics(records)).containsExactly("x", "dead", "z");
        assertThat(records)
                .map(record -> (Object) record.sourceOffset().get("part"))
                .containsExactly("x", "y", "z");

        connect.storeOffsets(records.subList(0, 1));
        connect.restart();
        assertThat(topics(connect.pollAll())).containsExactly("dead", "z");

        connect.storeOffsets(records.subList(0, 2));
        connect.restart();
        assertThat(topics(connect.pollAll())).containsExactly("z");
    }

    @Test
    void a_route_takes_what_its_filter_takes_and_what_it_cannot_be_asked_of_is_a_dead_letter() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "filter", "json.temp > 20").start();
        connect.publish(
                MessageBuilder.to("t").payload("{\"temp\":21}").build(),
                MessageBuilder.to("t").payload("{\"temp\":19.5}").build(),
                MessageBuilder.to("t").payload("hot").build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(payloads(records)).containsExactly("{\"temp\":21}", "hot");
        assertThat(topics(records)).containsExactly("iot", "mqtt.dead.letters");
        connect.acknowledge(records);
        assertThat(connect.task().poll()).isNull();
        assertThat(connect.heldBack()).isZero();
    }

    @Test
    void a_poll_reads_on_while_nothing_of_what_it_reads_is_wanted() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "filter", "qos == 2", "poll.max.records", "1")
                .start();
        connect.publish("c", 1, 20);
        connect.publish(MessageBuilder.to("t").qos(2).payload("wanted").build());

        assertThat(payloads(connect.task().poll())).containsExactly("wanted");
    }

    @Test
    void an_empty_payload_makes_a_tombstone_where_that_is_wanted() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "value.empty", "null", "value.format", "tbmq")
                .start();
        connect.publish(
                MessageBuilder.to("t").payload("").retained().build(),
                MessageBuilder.to("t").build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(records.get(0).value()).isNull();
        assertThat(records.get(0).valueSchema()).isNull();
        assertThat(records.get(0).key()).isEqualTo("t");
        assertThat(records.get(1).value()).isNotNull();
    }

    @Test
    void a_compressed_payload_is_read_by_templates_and_is_in_a_dead_letter_as_it_came() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "payload.decompress", "zstd", "kafka.key", "{json:/id}")
                .start();
        byte[] compressed = Zstd.compress("{\"id\":7}".getBytes(UTF_8));
        connect.publish(
                MessageBuilder.to("t").payload(compressed).build(),
                MessageBuilder.to("t").payload("{\"id\":8}").build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(records).extracting(SourceRecord::key).containsExactly("7", "8");
        assertThat(payloads(records)).containsExactly("{\"id\":7}", "{\"id\":8}");
        assertThat(topics(records)).containsExactly("iot", "mqtt.dead.letters");
    }

    @Test
    void devices_cannot_write_records_about_connections() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "kafka.topic", "mqtt.{topic[0]}", "capture.connections", "true")
                .start();
        connect.publish(MessageBuilder.to("connections/x").build());

        assertThat(topics(connect.pollAll())).containsExactly("mqtt.dead.letters");
    }

    @Test
    void no_topic_is_made_that_kafka_takes_for_another_one_of_the_connector() throws Exception {
        connect = TaskHarness.with(
                        Optional.empty(),
                        "routes",
                        "a,b,c",
                        "route.a.topic.filters",
                        "a/#",
                        "route.a.kafka.topic",
                        "mqtt.{topic[1]}",
                        "route.b.topic.filters",
                        "b/#",
                        "route.b.kafka.topic",
                        "mqtt.of_b",
                        "route.c.topic.filters",
                        "c/#",
                        "route.c.kafka.topic",
                        "mqtt.{topic[1]}",
                        "capture.connections",
                        "true",
                        "connections.topic",
                        "mqtt.logins.all")
                .start();
        connect.publish(
                MessageBuilder.to("a/dead_letters").build(),
                MessageBuilder.to("a/logins_all").build(),
                MessageBuilder.to("a/of.b").build(),
                MessageBuilder.to("a/of_b").build(),
                MessageBuilder.to("a/x.y").build(),
                MessageBuilder.to("c/x_y").build(),
                MessageBuilder.to("c/x.y").build());

        assertThat(topics(connect.pollAll()))
                .containsExactly(
                        "mqtt.dead.letters",
                        "mqtt.dead.letters",
                        "mqtt.dead.letters",
                        "mqtt.of_b",
                        "mqtt.x.y",
                        "mqtt.dead.letters",
                        "mqtt.x.y");
    }

    @Test
    void headers_count_as_their_converter_writes_them() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "header.converter", JsonConverter.class.getName())
                .start();
        MessageBuilder message = MessageBuilder.to("t");
        for (int i = 0; i < 20_000; i++) {
            message.property("a", "");
        }
        connect.publish(message.build());

        SourceRecord record = connect.pollAll().get(0);

        long bytes = 0;
        try (HeaderConverter converter = new JsonConverter()) {
            converter.configure(Map.of("converter.type", "header"));
            for (Header header : record.headers()) {
                bytes += header.key().length()
                        + converter.fromConnectHeader("iot", header.key(), header.schema(), header.value()).length;
            }
        }
        assertThat(bytes).isLessThan(1_000_000);
    }

    @Test
    void bytes_in_headers_are_text_for_a_converter_of_text() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "header.converter", "StringConverter")
                .start();
        connect.publish(
                MessageBuilder.to("t").correlationData(new byte[] {1, 2}).build());

        assertThat(connect.pollAll()
                        .get(0)
                        .headers()
                        .lastWithName("mqtt.correlation.data")
                        .value())
                .isEqualTo("AQI=");
    }

    @Test
    void a_record_has_the_time_that_is_asked_for() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "record.timestamp", "{json:/time}")
                .start();
        long tomorrow = System.currentTimeMillis() + 86_400_000;
        connect.publish(
                MessageBuilder.to("t").payload("{\"time\":1772600767890}").build(),
                MessageBuilder.to("t")
                        .payload("{\"time\":\"2026-03-04T05:06:07.890Z\"}")
                        .build(),
                MessageBuilder.to("t")
                        .payload("{\"time\":\"2026-03-04T06:06:07.890+01:00\"}")
                        .build(),
                MessageBuilder.to("t")
                        .payload("{\"time\":\"2026-03-04T05:06:07.890\"}")
                        .build(),
                MessageBuilder.to("t").payload("{}").build(),
                MessageBuilder.to("t").payload("{}").receivedAt(tomorrow).build(),
                MessageBuilder.to("t").payload("{\"time\":\"yesterday\"}").build(),
                MessageBuilder.to("t").payload("{\"time\":-1}").build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(records.subList(0, 5))
                .extracting(SourceRecord::timestamp)
                .containsOnly(MessageBuilder.RECEIVED_AT_MS);
        assertThat(records.get(5).timestamp()).as("the broker's clock is ahead").isLessThan(tomorrow);
        assertThat(topics(records.subList(6, 8))).containsExactly("mqtt.dead.letters", "mqtt.dead.letters");
    }

    @Test
    void a_message_that_lacks_its_key_is_a_dead_letter_where_one_is_required() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "kafka.key", "{json:/id}", "kafka.key.required", "true")
                .start();
        connect.publish(
                MessageBuilder.to("t").payload("{\"id\":1.50}").build(),
                MessageBuilder.to("t").payload(new byte[] {0, 0, 1, 0}).build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(records).extracting(SourceRecord::key).containsExactly("1.50", null);
        assertThat(topics(records)).containsExactly("iot", "mqtt.dead.letters");
    }

    @Test
    void devices_cannot_write_dead_letters_of_their_own_making() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "kafka.topic", "iot.{topic[0]}", "dead.letter.topic", "iot.dead")
                .start();
        connect.publish(
                MessageBuilder.to("dead").build(), MessageBuilder.to("alive").build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(topics(records)).containsExactly("iot.dead", "iot.alive");
        assertThat(sentence(records.get(0))).endsWith("its Kafka topic would be iot.dead, the dead.letter.topic.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "kafka.topic; user.{username}; has no value for every placeholder",
                "kafka.topic; user{topic[1]}; made from kafka.topic user{topic[1]}, does not match",
                "record.max.bytes; 100; more than record.max.bytes 100",
                "value.format; string; not UTF-8 text"
            })
    void every_way_not_to_be_mapped_leads_to_the_dead_letters(String key, String value, String sentence)
            throws Exception {
        connect = TaskHarness.with(
                        Optional.empty(), key, value, "dead.letter.topic", "dead", "kafka.topic.allow", "user[a-z]")
                .start();
        connect.publish(
                MessageBuilder.to("t/!").payload(new byte[] {(byte) 0xff}).build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(topics(records)).containsExactly("dead");
        assertThat(sentence(records.get(0)))
                .startsWith("The message at position 0, published to t/! by client client-1, cannot be mapped by route"
                        + " default: ")
                .contains(sentence);
    }

    @ParameterizedTest
    @CsvSource({
        "struct, org.apache.kafka.connect.json.JsonConverter, 900000",
        "bytes, org.apache.kafka.connect.converters.ByteArrayConverter, 999900"
    })
    void a_payload_that_no_record_holds_once_key_headers_and_converter_have_added_theirs_is_a_dead_letter(
            String format, String converter, int bytes) throws Exception {
        connect = TaskHarness.with(Optional.empty(), "value.format", format, "value.converter", converter)
                .start();
        connect.publish(
                MessageBuilder.to("t").payload(new byte[bytes]).build(),
                MessageBuilder.to("t").payload("behind").build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(topics(records)).containsExactly("mqtt.dead.letters", "iot");
        assertThat(sentence(records.get(0))).contains("more than record.max.bytes 1000000");
    }

    @Test
    void a_topic_level_that_is_empty_makes_no_kafka_topic_and_leads_to_the_dead_letters() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "kafka.topic", "sl.{topic[0]}")
                .start();
        connect.publish(
                MessageBuilder.to("/sensors/x").build(),
                MessageBuilder.to("sensors/x").build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(topics(records)).containsExactly("mqtt.dead.letters", "sl.sensors");
        assertThat(sentence(records.get(0))).contains("has no value for every placeholder of kafka.topic");
    }

    /** Jackson would take them for UTF-32. */
    @Test
    void bytes_that_look_like_another_encoding_of_json_cost_the_message_its_key_and_nothing_else() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "kafka.key", "{json:/id}", "kafka.topic", "iot.{json:/id}")
                .start();
        connect.publish(
                MessageBuilder.to("t").payload(new byte[] {0, 0, 1, 0}).build(),
                MessageBuilder.to("t").payload("{\"id\":7}").build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(topics(records)).containsExactly("mqtt.dead.letters", "iot.7");
        assertThat(records).extracting(SourceRecord::key).containsExactly(null, "7");
    }

    @Test
    void one_kafka_topic_too_many_leads_to_the_dead_letters() throws Exception {
        connect = TaskHarness.with(
                        Optional.empty(),
                        "kafka.topic",
                        "iot.{topic}",
                        "kafka.topic.max.distinct",
                        "2",
                        "dead.letter.topic",
                        "dead")
                .start();
        for (String topic : List.of("a", "b", "c", "a")) {
            connect.publish(MessageBuilder.to(topic).build());
        }

        assertThat(topics(connect.pollAll())).containsExactly("iot.a", "iot.b", "dead", "iot.a");
    }

    private static String sentence(SourceRecord letter) {
        return letter.headers().lastWithName("sluice.error.message").value().toString();
    }

    private static List<String> topics(List<SourceRecord> records) {
        return records.stream().map(SourceRecord::topic).toList();
    }
}
