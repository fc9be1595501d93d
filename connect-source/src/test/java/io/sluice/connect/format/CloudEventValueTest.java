package io.sluice.connect.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.kafka.CloudEventDeserializer;
import io.sluice.connect.MessageBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.junit.jupiter.api.Test;

class CloudEventValueTest {

    private static final MessageBuilder MESSAGE =
            MessageBuilder.to("sensors/7/temp").contentType("application/json").payload("{\"temperature\":25}");

    @Test
    void attributes_are_headers_and_the_payload_is_the_value() throws Exception {
        HeaderWriter headers = new HeaderWriter(HeaderWriter.Form.PLAIN);
        SchemaAndValue value = maker("plant").value(MESSAGE.source(Optional.empty()), headers);

        assertThat(value.value()).isEqualTo("{\"temperature\":25}".getBytes(UTF_8));
        assertThat(written(headers.headers())).isEqualTo(file("cloudevents-headers.txt"));
        assertThat(StreamSupport.stream(headers.headers().spliterator(), false).map(Header::key))
                .containsExactlyInAnyOrderElementsOf(CloudEventValue.HEADERS);
    }

    @Test
    void the_sdk_reads_the_event_from_kafka() throws Exception {
        CloudEvent event = read("north hall/ü", MESSAGE);

        assertThat(event.getSpecVersion()).isEqualTo(SpecVersion.V1);
        assertThat(event.getId()).isEqualTo("f0e1d2c3-42");
        assertThat(event.getSource()).isEqualTo(URI.create("/sluice/north%20hall%2F%C3%BC"));
        assertThat(event.getType()).isEqualTo("io.sluice.mqtt.publish");
        assertThat(event.getSubject()).isEqualTo("sensors/7/temp");
        assertThat(event.getTime()).isEqualTo("2026-03-04T05:06:07.890Z");
        assertThat(event.getDataContentType()).isEqualTo("application/json");
        assertThat(event.getData().toBytes()).asString(UTF_8).isEqualTo("{\"temperature\":25}");
        assertThat(event.getExtensionNames()).isEmpty();
    }

    @Test
    void the_type_of_the_data_is_what_the_publisher_says_of_it() throws Exception {
        assertThat(read("default", MessageBuilder.to("a")).getDataContentType()).isNull();
        assertThat(read("default", MessageBuilder.to("a").contentType("")).getDataContentType())
                .isNull();
        assertThat(read("default", MessageBuilder.to("a").payloadIsUtf8()).getDataContentType())
                .isEqualTo("text/plain; charset=utf-8");
        assertThat(read("default", MessageBuilder.to("a").payloadIsUtf8().contentType("text/csv"))
                        .getDataContentType())
                .isEqualTo("text/csv");
    }

    @Test
    void nothing_of_one_event_is_left_in_the_next() throws Exception {
        ValueMaker maker = maker("default");
        maker.value(MESSAGE.source(Optional.empty()), new HeaderWriter(HeaderWriter.Form.PLAIN));
        HeaderWriter headers = new HeaderWriter(HeaderWriter.Form.PLAIN);
        maker.value(MessageBuilder.to("a").source(Optional.empty()), headers);

        assertThat(headers.headers().lastWithName("content-type")).isNull();
        assertThat(headers.headers().lastWithName("ce_subject").value()).isEqualTo("a");
    }

    @Test
    void a_last_will_has_a_type_of_its_own() throws Exception {
        assertThat(read("default", MessageBuilder.to("a").will()).getType()).isEqualTo("io.sluice.mqtt.will");
    }

    /** As Kafka Connect writes the record, and a consumer with the SDK reads it. */
    private static CloudEvent read(String broker, MessageBuilder message) throws Exception {
        HeaderWriter headers = new HeaderWriter(HeaderWriter.Form.PLAIN);
        SchemaAndValue value = maker(broker).value(message.source(Optional.empty()), headers);
        RecordHeaders inKafka = new RecordHeaders();
        try (HeaderConverter converter = new SimpleHeaderConverter();
                CloudEventDeserializer deserializer = new CloudEventDeserializer()) {
            for (Header header : headers.headers()) {
                inKafka.add(
                        header.key(),
                        converter.fromConnectHeader("iot", header.key(), header.schema(), header.value()));
            }
            return deserializer.deserialize("iot", inKafka, (byte[]) value.value());
        }
    }

    private static ValueMaker maker(String broker) {
        return ValueFormat.CLOUDEVENTS.maker(ValueOptions.of("mqtt", broker));
    }

    private static String written(ConnectHeaders headers) {
        return StreamSupport.stream(headers.spliterator(), false)
                .map(header -> header.key() + ": " + header.value())
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    private static String file(String name) throws IOException {
        try (InputStream file = CloudEventValueTest.class.getResourceAsStream("/formats/" + name)) {
            return new String(file.readAllBytes(), UTF_8).stripTrailing();
        }
    }
}
