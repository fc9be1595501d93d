package io.sluice.connect.route;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.sluice.connect.MessageBuilder;
import io.sluice.connect.format.AllowedNames;
import io.sluice.connect.format.ConvertedSize;
import io.sluice.connect.format.Decompression;
import io.sluice.connect.format.HeaderSelection;
import io.sluice.connect.format.HeaderWriter;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.ValueFormat;
import io.sluice.connect.format.ValueOptions;
import io.sluice.message.TopicFilter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.junit.jupiter.api.Test;

class RoutesTest {

    @Test
    void a_message_becomes_one_record_for_each_route_however_many_of_its_filters_match() {
        Route sensors = route("sensors", "{topic}", false, 1_000, "sensors/#", "sensors/+/temp", "#");
        Route temperatures = route("temperatures", "", false, 1_000, "+/+/temp");
        Routes routes = new Routes(List.of(sensors, temperatures));

        assertThat(routes.takers("sensors/1/temp")).containsExactly(sensors, temperatures);
        assertThat(routes.takers("sensors/1/hum")).containsExactly(sensors);
        assertThat(routes.takers("$SYS/x")).isEmpty();
        assertThat(routes.takers("sensors/1/temp")).containsExactly(sensors, temperatures);
        assertThat(routes.filters().stream().map(TopicFilter::toString))
                .containsExactly("sensors/#", "sensors/+/temp", "#", "+/+/temp");
    }

    @Test
    void only_topics_of_a_usual_length_are_remembered_or_long_ones_would_fill_the_heap() {
        Route all = route("all", "", false, 1_000, "#");
        Routes routes = new Routes(List.of(all));
        String usual = "t".repeat(256);
        String longer = "t".repeat(257);

        assertThat(routes.takers(usual)).containsExactly(all).isSameAs(routes.takers(usual));
        assertThat(routes.takers(longer)).containsExactly(all).isNotSameAs(routes.takers(longer));
    }

    @Test
    void a_route_makes_topic_key_value_and_headers() throws UnmappableException {
        RoutedRecord record = route("r", "{topic[1]}", false, 1_000, "#")
                .map(MessageBuilder.to("sensors/7/temp").fields());

        assertThat(record.topic()).isEqualTo("iot");
        assertThat(record.key().map(SchemaAndValue::value)).contains("7");
        assertThat(record.value().value()).isEqualTo("21.5".getBytes(UTF_8));
        assertThat(record.headers().lastWithName("mqtt.topic").value()).isEqualTo("sensors/7/temp");
    }

    @Test
    void an_empty_key_is_no_key() throws UnmappableException {
        MessageFields message = MessageBuilder.to("a").fields();

        assertThat(route("r", "", false, 1_000, "#").map(message).key()).isEmpty();
        assertThat(route("r", "{username}", false, 1_000, "#").map(message).key())
                .isEmpty();
    }

    @Test
    void retained_publishes_are_skipped_only_if_the_route_says_so() {
        assertThat(route("r", "", true, 1_000, "#")
                        .skips(MessageBuilder.to("a").retained().build()))
                .isTrue();
        assertThat(route("r", "", true, 1_000, "#").skips(MessageBuilder.to("a").build()))
                .isFalse();
        assertThat(route("r", "", false, 1_000, "#")
                        .skips(MessageBuilder.to("a").retained().build()))
                .isFalse();
    }

    @Test
    void a_record_is_measured_by_key_value_and_headers() throws UnmappableException {
        MessageFields message = MessageBuilder.to("ü").payload(new byte[100]).fields();
        long headers = Stream.of(
                        "mqtt.topic",
                        "ü",
                        "mqtt.message.id",
                        "7",
                        "mqtt.qos",
                        "1",
                        "mqtt.retained",
                        "false",
                        "mqtt.duplicate",
                        "false",
                        "mqtt.client.id",
                        "client-1",
                        "mqtt.timestamp",
                        "1772600767890")
                .mapToLong(text -> text.replace("ü", "ü").getBytes(UTF_8).length)
                .sum();
        int exactly = (int) (2 + 100 + headers + 7 * 6); // and the lengths of seven headers

        assertThat(route("r", "{topic}", false, exactly, "#").map(message)).isNotNull();
        assertThatThrownBy(() -> route("r", "{topic}", false, exactly - 1, "#").map(message))
                .isInstanceOf(UnmappableException.class)
                .hasMessage("its record would have " + exactly + " bytes, more than record.max.bytes " + (exactly - 1));
    }

    private static Route route(String name, String key, boolean skipRetained, int maxBytes, String... filters) {
        return new Route(
                name,
                Stream.of(filters).map(TopicFilter::of).toList(),
                Optional.empty(),
                new KafkaTopic(Template.of("iot"), Optional.empty(), 10, Optional.empty(), new KafkaNames()),
                Optional.empty(),
                new RecordKey(Template.of(key), Optional.empty(), false),
                RecordTime.RECEIVED,
                new RecordHeaders(HeaderSelection.ALL, List.of(), HeaderWriter.Form.PLAIN, AllowedNames.ALL),
                new RecordValue(ValueFormat.BYTES, ValueOptions.of("mqtt", "default"), List.of(), false),
                skipRetained,
                false,
                Decompression.NONE,
                Optional.empty(),
                new RecordLimit(maxBytes, ConvertedSize.AS_IS, ConvertedSize.AS_IS));
    }

    @Test
    void own_headers_are_made_by_templates_and_not_set_where_they_are_empty() throws UnmappableException {
        ConnectHeaders headers = headers(
                HeaderWriter.Form.PLAIN,
                header("plant", "Fürth"),
                header("where", "{topic[1]}/{property.none}"),
                header("user", "{username}"),
                header("unit", ""));

        assertThat(headers)
                .extracting(Header::key, Header::value, Header::schema)
                .containsExactly(
                        tuple("plant", "Fürth", Schema.STRING_SCHEMA), tuple("where", "7/", Schema.STRING_SCHEMA));
    }

    @Test
    void with_a_charset_headers_are_bytes() throws UnmappableException {
        ConnectHeaders headers = headers(
                new HeaderWriter.Form(Optional.of(ISO_8859_1), false, ConvertedSize.AS_IS),
                header("plant", "Fürth"),
                header("euro", "€"));

        assertThat(headers)
                .extracting(Header::key, Header::value, Header::schema)
                .containsExactly(
                        tuple("plant", "Fürth".getBytes(ISO_8859_1), Schema.BYTES_SCHEMA),
                        tuple("euro", new byte[] {'?'}, Schema.BYTES_SCHEMA));
    }

    @Test
    void own_headers_count_in_the_size_of_a_record() {
        Route route = route(
                "r",
                "",
                new RecordHeaders(
                        HeaderSelection.NONE, List.of(header("ab", "ü")), HeaderWriter.Form.PLAIN, AllowedNames.ALL),
                7);

        assertThatThrownBy(() -> route.map(MessageBuilder.to("a").fields()))
                .hasMessageStartingWith("its record would have 14 bytes");
    }

    private static NamedTemplate header(String name, String template) {
        return new NamedTemplate(name, Template.of(template));
    }

    private static ConnectHeaders headers(HeaderWriter.Form form, NamedTemplate... headers) throws UnmappableException {
        return route("r", "", new RecordHeaders(HeaderSelection.NONE, List.of(headers), form, AllowedNames.ALL), 1_000)
                .map(MessageBuilder.to("sensors/7/temp").fields())
                .headers();
    }

    private static Route route(String name, String key, RecordHeaders headers, int maxBytes) {
        return new Route(
                name,
                List.of(TopicFilter.of("#")),
                Optional.empty(),
                new KafkaTopic(Template.of("iot"), Optional.empty(), 10, Optional.empty(), new KafkaNames()),
                Optional.empty(),
                new RecordKey(Template.of(key), Optional.empty(), false),
                RecordTime.RECEIVED,
                headers,
                new RecordValue(ValueFormat.BYTES, ValueOptions.of("mqtt", "default"), List.of(), false),
                false,
                false,
                Decompression.NONE,
                Optional.empty(),
                new RecordLimit(maxBytes, ConvertedSize.AS_IS, ConvertedSize.AS_IS));
    }
}
