package io.sluice.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages whose payload has an array, of whose elements each becomes a record; and keys with fields. */
class SplitMessagesTest {

    private TaskHarness connect;

    @AfterEach
    void close() {
        connect.close();
    }

    @Test
    void each_element_becomes_a_record_in_order_as_if_it_had_been_published_by_itself() throws Exception {
        connect = TaskHarness.with(
                        Optional.empty(),
                        "value.split",
                        "/readings",
                        "kafka.key",
                        "{whole:/gateway}/{json:/id}/{element}",
                        "filter",
                        "json.t > 1",
                        "kafka.header.unit",
                        "{json:/unit|C}")
                .start();
        connect.publish(
                message("{\"gateway\":\"g-1\",\"readings\":[ {\"id\":\"a\", \"t\":1.50}, {\"id\":\"b\",\"t\":1},"
                        + " {\"id\":\"c\",\"t\":20e1,\"unit\":\"F\"}]}"));

        List<SourceRecord> records = connect.pollAll();

        assertThat(payloads(records))
                .containsExactly("{\"id\":\"a\",\"t\":1.50}", "{\"id\":\"c\",\"t\":20e1,\"unit\":\"F\"}");
        assertThat(records).extracting(SourceRecord::key).containsExactly("g-1/a/0", "g-1/c/2");
        assertThat(header(records, "mqtt.element")).containsExactly("0", "2");
        assertThat(header(records, "unit")).containsExactly("C", "F");
        assertThat(parts(records)).containsExactly("default#000000", "default#000002");
        assertThat(connect.heldBack()).isEqualTo(1);
        connect.acknowledge(records.subList(0, 1));
        assertThat(connect.heldBack()).isEqualTo(1);
        connect.acknowledge(records.subList(1, 2));
        assertThat(connect.heldBack()).isZero();
    }

    @Test
    void after_a_restart_the_elements_go_on_behind_the_last_that_is_in_kafka() throws Exception {
        connect = TaskHarness.with(
                Optional.empty(),
                "routes",
                "all,each",
                "route.all.topic.filters",
                "#",
                "route.each.topic.filters",
                "#",
                "route.each.value.split",
                "root");
        connect.start();
        connect.publish(message("[1,2,3]"), message("[4]"));
        List<SourceRecord> records = connect.poll(6);
        assertThat(payloads(records)).containsExactly("[1,2,3]", "1", "2", "3", "[4]", "4");

        for (int done = 1; done < 6; done++) {
            connect.storeOffsets(records.subList(0, done));
            connect.restart();
            assertThat(payloads(connect.pollAll())).isEqualTo(payloads(records.subList(done, 6)));
        }
    }

    @Test
    void an_element_that_cannot_be_mapped_is_a_dead_letter_by_itself() throws Exception {
        connect = TaskHarness.with(
                        Optional.empty(), "value.split", "root", "value.format", "json", "value.schema", "\"int\"")
                .start();
        connect.publish(message("[1,\"two\",3]"));

        List<SourceRecord> records = connect.pollAll();

        assertThat(records).extracting(SourceRecord::topic).containsExactly("iot", "mqtt.dead.letters", "iot");
        assertThat(records).extracting(SourceRecord::value).containsExactly(1, "\"two\"", 3);
        assertThat(records.get(1).headers().lastWithName("sluice.error.element").value())
                .isEqualTo("1");
        assertThat(records.get(1).headers().lastWithName("sluice.error.message").value())
                .asString()
                .endsWith(
                        "cannot be mapped by route default: in element 1 its payload is a text, where value.schema has an"
                                + " int32.");
    }

    @Test
    void a_message_without_the_array_or_with_too_large_a_one_is_a_dead_letter_and_an_empty_array_makes_nothing()
            throws Exception {
        connect = TaskHarness.with(Optional.empty(), "value.split", "/a", "value.split.max", "3")
                .start();
        connect.publish(
                message("{\"a\":{}}"),
                message("hot"),
                message("{\"a\":[1,2,3,4]}"),
                message("{\"a\":[]}"),
                message("{\"a\":[1,2,3]}"));

        List<SourceRecord> records = connect.pollAll();

        assertThat(payloads(records)).containsExactly("{\"a\":{}}", "hot", "{\"a\":[1,2,3,4]}", "1", "2", "3");
        assertThat(records.subList(0, 3))
                .map(record -> record.headers()
                        .lastWithName("sluice.error.message")
                        .value()
                        .toString()
                        .replaceFirst(".*default: ", ""))
                .containsExactly(
                        "its payload has no array at /a, which value.split asks for.",
                        "its payload is no JSON, in which value.split could find an array.",
                        "its payload has 4 elements at /a, more than value.split.max 3.");
        assertThat(parts(records.subList(0, 1))).containsExactly("default");
        connect.acknowledge(records);
        assertThat(connect.task().poll()).isNull();
        assertThat(connect.heldBack()).isZero();
    }

    @Test
    void a_wide_schema_is_one_for_all_elements_and_none_of_them_is_too_large_for_it() throws Exception {
        assertThat(recordsOfEmptyElements(20_000, 60))
                .hasSize(20_000)
                .allMatch(record -> record.topic().equals("iot"));
    }

    @Test
    void elements_whose_empty_fields_take_more_memory_than_there_is_for_them_are_dead_letters() throws Exception {
        List<SourceRecord> records = recordsOfEmptyElements(20_000, 600);

        assertThat(records).filteredOn(record -> record.topic().equals("iot")).hasSizeBetween(10_000, 14_000);
        assertThat(records)
                .filteredOn(record -> record.topic().equals("mqtt.dead.letters"))
                .hasSizeBetween(6_000, 10_000);
    }

    private List<SourceRecord> recordsOfEmptyElements(int elements, int fieldsOfSchema) throws Exception {
        String fields = IntStream.range(0, fieldsOfSchema)
                .mapToObj(i -> "{\"name\":\"f" + i + "\",\"type\":[\"null\",\"string\"]}")
                .collect(Collectors.joining(","));
        connect = TaskHarness.with(
                        Optional.empty(),
                        "value.split",
                        "root",
                        "value.split.max",
                        Integer.toString(elements),
                        "value.format",
                        "json",
                        "value.schema",
                        "{\"type\":\"record\",\"name\":\"Wide\",\"fields\":[" + fields + "]}")
                .start();
        connect.publish(message("[" + "{},".repeat(elements - 1) + "{}]"));
        return connect.poll(elements);
    }

    @Test
    void a_message_whose_elements_would_carry_too_much_beside_their_payload_is_one_dead_letter() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "value.split", "root").start();
        MessageBuilder many = MessageBuilder.to("north").payload("[" + "1,".repeat(999) + "1]");
        for (int i = 0; i < 500; i++) {
            many.property("p", "v");
        }
        connect.publish(many.build());

        List<SourceRecord> records = connect.pollAll();

        assertThat(records).extracting(SourceRecord::topic).containsExactly("mqtt.dead.letters");
        assertThat(records.get(0).headers().lastWithName("sluice.error.message").value())
                .asString()
                .endsWith(
                        "the copies of its topic, client id and user properties in its elements would exceed 64 MiB.");
    }

    @Test
    void elements_share_what_they_ask_of_the_whole_and_those_that_make_too_much_of_it_are_dead_letters()
            throws Exception {
        connect = TaskHarness.with(
                        Optional.empty(),
                        "value.split",
                        "/a",
                        "kafka.header.shared",
                        "{whole:/pad}",
                        "kafka.header.own",
                        "{whole:/pad}{element}")
                .start();
        connect.publish(message("{\"pad\":\"" + "x".repeat(400_000) + "\",\"a\":[" + "1,".repeat(99) + "1]}"));

        List<SourceRecord> records = connect.pollAll();

        Object shared = records.get(0).headers().lastWithName("shared").value();
        assertThat(header(records.subList(0, 83), "shared")).allMatch(text -> text == shared);
        assertThat(records).hasSize(100);
        assertThat(records.subList(0, 83)).extracting(SourceRecord::topic).containsOnly("iot");
        assertThat(records.subList(83, 100)).extracting(SourceRecord::topic).containsOnly("mqtt.dead.letters");
        assertThat(records.get(83)
                        .headers()
                        .lastWithName("sluice.error.message")
                        .value())
                .asString()
                .contains("in element 83 the records of the elements before it have 66")
                .endsWith("bytes, and its record would make them too large together.");
    }

    @Test
    void a_poll_holds_few_records_however_many_elements_messages_have() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "value.split", "root", "poll.max.records", "10")
                .start();
        connect.publish(IntStream.range(0, 10)
                .mapToObj(number -> message(IntStream.range(0, 7)
                        .mapToObj(element -> number + "." + element)
                        .collect(Collectors.joining(",", "[", "]"))))
                .toArray(Message[]::new));

        List<SourceRecord> all = new ArrayList<>();
        while (all.size() < 70) {
            List<SourceRecord> records = connect.task().poll();
            assertThat(records).hasSizeBetween(1, 9 + 7);
            all.addAll(records);
        }

        assertThat(payloads(all))
                .containsExactlyElementsOf(IntStream.range(0, 70)
                        .mapToObj(number -> number / 7 + "." + number % 7)
                        .toList());
        connect.acknowledge(all);
        assertThat(connect.task().poll()).isNull();
        assertThat(connect.heldBack()).isZero();
    }

    @Test
    void a_key_may_have_fields() throws Exception {
        connect = TaskHarness.with(
                        Optional.empty(), "kafka.key.field.site", "{topic[0]}", "kafka.key.field.id", "{json:/id}")
                .start();
        connect.publish(message("{\"id\":7}"), message("{}"));

        List<SourceRecord> records = connect.pollAll();

        Struct key = (Struct) records.get(0).key();
        assertThat(key.schema()).isEqualTo(records.get(0).keySchema());
        assertThat(key.schema().name()).isEqualTo("io.sluice.mqtt.Key");
        assertThat(key).hasToString("Struct{id=7,site=north}");
        assertThat(records.get(1).key()).hasToString("Struct{site=north}");

        connect.configure("kafka.key.required", "true").restart();
        connect.publish(message("{}"));
        assertThat(connect.poll(3)
                        .get(1)
                        .headers()
                        .lastWithName("sluice.error.message")
                        .value())
                .asString()
                .contains("no value for every placeholder of kafka.key.field.id {json:/id}");
    }

    @Test
    void a_key_with_fields_counts_as_the_longest_that_the_converter_of_the_worker_may_make() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "record.max.bytes", "1000");
        for (int i = 0; i < 10; i++) {
            connect.configure("kafka.key.field.f" + i, "{topic}");
        }
        connect.start();
        connect.publish(message("1"));
        assertThat(connect.poll(1)).extracting(SourceRecord::topic).containsExactly("mqtt.dead.letters");

        connect.configure("key.converter", "io.confluent.connect.avro.AvroConverter")
                .restart();
        connect.publish(message("2"));
        assertThat(connect.pollAll()).extracting(SourceRecord::topic).endsWith("iot");
    }

    private static Message message(String payload) {
        return MessageBuilder.to("north").payload(payload).build();
    }

    private static List<String> payloads(List<SourceRecord> records) {
        return records.stream()
                .map(record -> new String((byte[]) record.value(), UTF_8))
                .toList();
    }

    private static List<Object> header(List<SourceRecord> records, String name) {
        return records.stream()
                .map(record -> record.headers().lastWithName(name).value())
                .toList();
    }

    private static List<Object> parts(List<SourceRecord> records) {
        return records.stream()
                .map(record -> (Object) record.sourceOffset().get("part"))
                .toList();
    }
}
