package io.sluice.connect.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.connect.MessageBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.junit.jupiter.api.Test;

/** The formats of the systems that users come from; the files beside this test hold what those send. */
class EnvelopesTest {

    private static final JsonMapper JSON = new JsonMapper();

    private static final EnvelopeNames NAMES = new EnvelopeNames("mqtt", "plant", List.of());

    private static MessageBuilder full() {
        return MessageBuilder.full().expiry(3_600).payload("{\"temperature\":25}");
    }

    private static MessageBuilder bare() {
        return MessageBuilder.to("a").qos(0).payload("");
    }

    @Test
    void tbmq_is_the_envelope_of_tbmqs_integration() throws Exception {
        EnvelopeNames names = new EnvelopeNames("mqtt", "plant", List.of("floor", "line"));

        assertThat(text(ValueFormat.TBMQ, names, full().source(Optional.of("k"), "7", "")))
                .isEqualTo(file("tbmq.json"));
    }

    @Test
    void tbmq_gives_byte_for_byte_what_tbmq_documents() throws Exception {
        EnvelopeNames names = new EnvelopeNames("tbmq_ie_node", "tbmq_node", List.of("integrationName"));
        MessageBuilder documented = MessageBuilder.to("tbmq/kafka-integration")
                .from("tbmq_df52bNUQ")
                .receivedAt(1_742_554_969_254L)
                .payload("{\"temperature\":25}");

        assertThat(text(ValueFormat.TBMQ, names, documented.source(Optional.empty(), "Kafka integration")))
                .isEqualTo(file("tbmq-documented.json"));
    }

    @Test
    void tbmq_leaves_nothing_out_that_is_empty() throws Exception {
        assertThat(text(ValueFormat.TBMQ, NAMES, bare().source(Optional.empty())))
                .startsWith("{\"payload\":\"\",\"topicName\":\"a\",")
                .endsWith("\"props\":{},\"metadata\":{\"integrationName\":\"mqtt\"}}");
        assertThat(text(
                        ValueFormat.TBMQ,
                        NAMES,
                        bare().property("a", "\"ü\u0001").source(Optional.empty())))
                .contains("\"props\":{\"a\":\"\\\"ü\\u0001\"}");
    }

    /** As TBMQ's own code writes it: between {@code ts} and {@code props}, and only there is a certificate. */
    @Test
    void tbmq_names_the_certificate_of_a_client_that_has_shown_one() throws Exception {
        assertThat(text(
                        ValueFormat.TBMQ,
                        NAMES,
                        bare().certificateName("device \"7\"").source(Optional.empty())))
                .matches(".*\"ts\":\\d+,\"clientCertCn\":\"device \\\\\"7\\\\\"\",\"props\":.*");
        assertThat(text(ValueFormat.TBMQ, NAMES, bare().source(Optional.empty())))
                .doesNotContain("clientCertCn");
    }

    @Test
    void tbmq_payload_is_text_as_it_is_and_anything_else_in_base64() throws Exception {
        assertThat(text(ValueFormat.TBMQ_PAYLOAD, NAMES, full().source(Optional.empty())))
                .isEqualTo("{\"temperature\":25}");
        assertThat(text(ValueFormat.TBMQ_PAYLOAD, NAMES, full().payload("21 °C").source(Optional.empty())))
                .isEqualTo("21 °C");
        assertThat(text(ValueFormat.TBMQ_PAYLOAD, NAMES, bare().source(Optional.empty())))
                .isEmpty();
        assertThat(text(
                        ValueFormat.TBMQ_PAYLOAD,
                        NAMES,
                        full().payload("21 °C".getBytes(ISO_8859_1)).source(Optional.empty())))
                .isEqualTo("MjEgsEM=");
    }

    @Test
    void robustmq_has_every_field_that_is_documented() throws Exception {
        assertThat(text(ValueFormat.ROBUSTMQ, NAMES, full().source(Optional.of("7"))))
                .isEqualTo(file("robustmq.json"));
    }

    @Test
    void robustmq_gives_what_robustmq_documents_but_for_the_second_timestamp_and_an_invented_checksum()
            throws Exception {
        MessageBuilder message = MessageBuilder.to("sensor/temperature")
                .from("sensor_001")
                .username("sensor_user")
                .packetId(12_345)
                .contentType("application/json")
                .receivedAt(1_640_995_200_000L)
                .payload("{\"temperature\": 25.5, \"humidity\": 60}");
        ObjectNode documented = (ObjectNode) JSON.readTree(file("robustmq-documented.json"));
        documented.put("crc_num", 2_291_312_661L);

        JsonNode written = JSON.readTree(text(ValueFormat.ROBUSTMQ, NAMES, message.source(Optional.of("sensor_001"))));

        assertThat(written).isEqualTo(documented);
        assertThat(names(written)).isEqualTo(names(documented));
    }

    @Test
    void robustmq_leaves_empty_what_a_message_lacks() throws Exception {
        assertThat(text(ValueFormat.ROBUSTMQ, NAMES, bare().source(Optional.empty())))
                .isEqualTo("{\"topic\":\"a\",\"qos\":0,\"retain\":false,\"payload\":\"\",\"client_id\":\"client-1\","
                        + "\"username\":\"\",\"timestamp\":1772600767,\"message_id\":0,\"header\":[],\"key\":\"\","
                        + "\"data\":\"\",\"tags\":[\"a\"],\"crc_num\":0}");
        assertThat(text(ValueFormat.ROBUSTMQ, NAMES, MessageBuilder.to("/a//").source(Optional.empty())))
                .contains("\"tags\":[\"\",\"a\",\"\",\"\"]");
    }

    @Test
    void robustmq_record_is_what_robustmq_sends() throws Exception {
        assertThat(text(ValueFormat.ROBUSTMQ_RECORD, NAMES, full().source(Optional.of("7"))))
                .isEqualTo(file("robustmq-record.json"));
        assertThat(text(ValueFormat.ROBUSTMQ_RECORD, NAMES, bare().source(Optional.empty())))
                .contains("\"expire_at\":0,\"crc_num\":0}")
                .contains("\"format_indicator\":null,\"response_topic\":null,\"correlation_data\":null,"
                        + "\"content_type\":null,\"user_properties\":[]}")
                .endsWith("\"data\":[]}");
    }

    @Test
    void half_a_character_which_a_template_can_find_in_json_is_escaped() throws Exception {
        assertThat(text(ValueFormat.ROBUSTMQ, NAMES, full().source(Optional.of("7\ud83d"))))
                .contains("\"key\":\"7\\uD83D\",");
    }

    @Test
    void one_value_does_not_spoil_the_next() throws Exception {
        ValueMaker maker = ValueFormat.ROBUSTMQ.maker(ValueOptions.of(NAMES));
        HeaderWriter headers = new HeaderWriter(HeaderWriter.Form.PLAIN);
        byte[] first =
                (byte[]) maker.value(full().source(Optional.of("7")), headers).value();
        maker.value(bare().payload(new byte[100_000]).source(Optional.of("7")), headers);

        assertThat((byte[])
                        maker.value(full().source(Optional.of("7")), headers).value())
                .isEqualTo(first)
                .isNotSameAs(first);
        assertThat(first).asString(UTF_8).isEqualTo(file("robustmq.json"));
    }

    @Test
    void a_value_is_measured_as_it_is_written() throws Exception {
        for (ValueFormat format : List.of(ValueFormat.TBMQ, ValueFormat.ROBUSTMQ_RECORD, ValueFormat.TBMQ_PAYLOAD)) {
            SchemaAndValue value = format.maker(ValueOptions.of(NAMES))
                    .value(
                            full().payload(new byte[] {-1}).source(Optional.empty()),
                            new HeaderWriter(HeaderWriter.Form.PLAIN));

            assertThat(ValueSize.of(value.value())).isEqualTo(((byte[]) value.value()).length);
        }
    }

    private static String text(ValueFormat format, EnvelopeNames names, ValueSource source) throws UnmappableException {
        SchemaAndValue value =
                format.maker(ValueOptions.of(names)).value(source, new HeaderWriter(HeaderWriter.Form.PLAIN));
        assertThat(value.schema()).isEqualTo(Schema.BYTES_SCHEMA);
        return new String((byte[]) value.value(), UTF_8);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String file(String name) throws IOException {
        try (InputStream file = EnvelopesTest.class.getResourceAsStream("/formats/" + name)) {
            return new String(file.readAllBytes(), UTF_8).stripTrailing();
        }
    }
}
