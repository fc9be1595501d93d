package io.sluice.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.message.ConnectionTopics;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Events of connections go through the converters that the connector's routes ask for. */
class ConnectionEventsTest {

    private static final String EVENT = "{\"clientId\":\"c-1\",\"event\":\"connected\",\"timestamp\":1}";

    @ParameterizedTest
    @CsvSource({
        "bytes, org.apache.kafka.connect.converters.ByteArrayConverter",
        "string, org.apache.kafka.connect.storage.StringConverter",
        "string, org.apache.kafka.connect.json.JsonConverter",
        "json, org.apache.kafka.connect.json.JsonConverter",
        "struct, org.apache.kafka.connect.json.JsonConverter"
    })
    void are_json_in_kafka_whatever_the_converter_of_values(String format, String converter) throws Exception {
        SourceRecord event = event("value.format", format, "value.converter", converter);

        try (Converter values = converter(converter)) {
            values.configure(Map.of("schemas.enable", "false"), false);
            assertThat(values.fromConnectData(event.topic(), event.valueSchema(), event.value()))
                    .asString(UTF_8)
                    .isEqualTo(EVENT);
        }
    }

    @Test
    void are_text_where_the_worker_chooses_a_converter_for_text() throws Exception {
        assertThat(event("value.format", "string").value()).isEqualTo(EVENT);
        assertThat(event("value.format", "sparkplug").value()).isEqualTo(EVENT);
        assertThat(event().value()).isEqualTo(EVENT.getBytes(UTF_8));
    }

    @Test
    void are_bytes_where_a_transformation_makes_bytes_of_messages_for_a_converter_of_bytes() throws Exception {
        SourceRecord event = event(
                "value.format", "string",
                "value.converter", ByteArrayConverter.class.getName(),
                "transforms", "bytes",
                "transforms.bytes.type", "acme.BytesOfMessages");

        assertThat(event.value()).isEqualTo(EVENT.getBytes(UTF_8));
    }

    @Test
    void have_headers_of_bytes_for_the_header_converter_that_takes_bytes_only() throws Exception {
        SourceRecord event = event("header.converter", ByteArrayConverter.class.getName());

        try (HeaderConverter headers = new ByteArrayConverter()) {
            for (Header header : event.headers()) {
                assertThat(headers.fromConnectHeader(event.topic(), header.key(), header.schema(), header.value()))
                        .isNotEmpty();
            }
        }
        assertThat(event.headers()).isNotEmpty();
    }

    private static Converter converter(String name) {
        return name.endsWith("JsonConverter")
                ? new JsonConverter()
                : name.endsWith("StringConverter") ? new StringConverter() : new ByteArrayConverter();
    }

    private static SourceRecord event(String... keysAndValues) throws Exception {
        try (TaskHarness connect = TaskHarness.with(Optional.empty(), keysAndValues)) {
            connect.configure("capture.connections", "true").start();
            connect.publish(MessageBuilder.to(ConnectionTopics.of("c-1"))
                    .from("c-1")
                    .payload(EVENT)
                    .build());
            SourceRecord event = connect.poll(1).get(0);
            assertThat(event.topic()).isEqualTo("mqtt.connections");
            return event;
        }
    }
}
