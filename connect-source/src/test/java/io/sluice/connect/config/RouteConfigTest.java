package io.sluice.connect.config;

import static io.sluice.connect.config.Written.config;
import static io.sluice.connect.config.Written.containing;
import static io.sluice.connect.config.Written.mistakes;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connect.format.ValueFormat;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.Template;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes, and where dead letters and records about connections go beside them. */
class RouteConfigTest {

    @Test
    void a_pattern_of_allowed_topics_lets_a_template_begin_with_a_placeholder() {
        assertThat(mistakes("kafka.topic", "{topic}", "kafka.topic.allow", "iot\\..*"))
                .isEmpty();
    }

    @Test
    void routes_have_keys_of_their_own_and_take_the_rest_from_the_connector() {
        SourceConfig config = config(
                "routes", "temps,all",
                "route.temps.topic.filters", "+/temp",
                "route.temps.kafka.topic", "temps",
                "route.all.topic.filters", "#",
                "route.all.value.format", "bytes",
                "value.format", "string",
                "kafka.key", "{clientId}");

        List<Route> takers = config.routes().takers("a/temp");
        assertThat(takers.stream().map(Route::name)).as("by name").containsExactly("all", "temps");
        assertThat(takers.stream().map(route -> route.value().format()))
                .containsExactly(ValueFormat.BYTES, ValueFormat.STRING);
        assertThat(takers.stream().map(route -> route.key().template()))
                .containsExactly(Template.of("{clientId}"), Template.of("{clientId}"));
        assertThat(config.routes().takers("a/hum").stream().map(Route::name)).containsExactly("all");
    }

    @Test
    void routes_have_headers_of_their_own_and_take_the_rest_from_the_connector() {
        SourceConfig config = config(
                "routes", "a,b",
                "route.a.topic.filters", "a/#",
                "route.a.kafka.header.unit", "",
                "route.a.kafka.header.level", "{topic[1]}",
                "route.b.topic.filters", "b/#",
                "kafka.header.unit", "celsius");

        assertThat(config.routes().takers("a/1").get(0).headers().own())
                .extracting(header -> header.name() + "=" + header.template())
                .containsExactly("level={topic[1]}", "unit=");
        assertThat(config.routes().takers("b/1").get(0).headers().own())
                .extracting(header -> header.name() + "=" + header.template())
                .containsExactly("unit=celsius");
        assertThat(mistakes("routes", "a", "route.a.topic.filters", "#", "route.a.kafka.header.unit", "{x}"))
                .containsOnlyKeys("route.a.kafka.header.unit");
    }

    @ParameterizedTest(name = "{0} and {1}")
    @CsvSource({
        "bytes, org.apache.kafka.connect.storage.StringConverter, ByteArrayConverter",
        "bytes, org.apache.kafka.connect.json.JsonConverter, ByteArrayConverter",
        "tbmq, JsonConverter, ByteArrayConverter",
        "tbmq-payload, String, ByteArrayConverter",
        "robustmq, io.confluent.connect.json.JsonSchemaConverter, ByteArrayConverter",
        "robustmq-record, Avro, ByteArrayConverter",
        "cloudevents, JsonConverter, ByteArrayConverter",
        "string, org.apache.kafka.connect.converters.ByteArrayConverter, StringConverter",
        "string, LongConverter, StringConverter",
        "struct, ByteArray, JsonConverter",
        "struct, StringConverter, JsonConverter",
        "json, StringConverter, JsonConverter"
    })
    void a_converter_that_does_not_fit_the_format_is_told_with_the_one_that_does(
            String format, String converter, String fitting) {
        Map<String, String> mistakes = mistakes("value.format", format, "value.converter", converter);

        assertThat(mistakes).containsOnlyKeys("value.format");
        assertThat(mistakes.get("value.format"))
                .startsWith("value.format is " + format)
                .contains(", and value.converter=")
                .contains("cannot pass these on unchanged: set value.converter=org.apache.kafka.connect.")
                .endsWith("." + fitting + ".");
        assertThat(mistakes("value.format", format, "value.converter", converter, "transforms", "decode"))
                .isEmpty();
    }

    @ParameterizedTest(name = "{0} and {1}")
    @CsvSource({
        "bytes, org.apache.kafka.connect.converters.ByteArrayConverter",
        "cloudevents, ByteArray",
        "tbmq, com.example.CompressingConverter",
        "string, org.apache.kafka.connect.storage.StringConverter",
        "string, JsonConverter",
        "struct, org.apache.kafka.connect.json.JsonConverter",
        "struct, io.confluent.connect.protobuf.ProtobufConverter",
        "json, JsonConverter"
    })
    void a_converter_that_fits_or_is_not_known_passes(String format, String converter) {
        assertThat(mistakes("value.format", format, "value.converter", converter))
                .isEmpty();
    }

    @Test
    void a_converter_is_checked_for_every_route() {
        assertThat(mistakes(
                        "routes", "a,b",
                        "route.a.topic.filters", "a/#",
                        "route.b.topic.filters", "b/#",
                        "route.b.value.format", "struct",
                        "route.b.kafka.key", "",
                        "key.converter", "ByteArrayConverter",
                        "value.converter", "ByteArrayConverter"))
                .containsOnlyKeys("route.a.kafka.key", "route.b.value.format")
                .containsEntry(
                        "route.a.kafka.key",
                        "route.a.kafka.key makes record keys of text, and"
                                + " key.converter=org.apache.kafka.connect.converters.ByteArrayConverter cannot pass"
                                + " these on unchanged: set"
                                + " key.converter=org.apache.kafka.connect.storage.StringConverter.");
    }

    @Test
    void who_chooses_the_partition_says_which_kafka_to_ask() {
        assertThat(mistakes("kafka.partition", "{json:/p}"))
                .containsExactly(Map.entry(
                        "kafka.partition",
                        "kafka.partition is set, so Sluice has to ask Kafka how many partitions topics have: set"
                                + " producer.override.bootstrap.servers, with the keys for a login, even if that is the"
                                + " worker's own Kafka."));
        String[] asked = {"producer.override.bootstrap.servers", "127.0.0.1:9092", "kafka.partition", "0"};
        assertThat(mistakes(asked)).isEmpty();
        assertThat(config(asked).partitions()).isPresent();
        assertThat(config().partitions()).isEmpty();
        assertThat(mistakes("producer.override.bootstrap.servers", "127.0.0.1:9092", "kafka.partition", "-1"))
                .hasEntrySatisfying(
                        "kafka.partition",
                        sentence -> assertThat(sentence).endsWith("a partition is a whole number from 0 on"));
    }

    @Test
    void headers_that_are_asked_for_by_name_are_among_those_allowed() {
        for (String none : List.of("", " ", ",", "mqtt.topic,,mqtt.qos")) {
            assertThat(mistakes("kafka.headers", none)).as(none).containsOnlyKeys("kafka.headers");
        }
        assertThat(mistakes("kafka.headers", "mqtt.*", "kafka.header.unit", "{topic[0]}"))
                .containsExactly(Map.entry(
                        "kafka.headers",
                        "kafka.headers leaves out the header unit, which kafka.header.unit sets: add its name, or leave"
                                + " out what sets it."));
        assertThat(mistakes("kafka.headers", "mqtt.*,unit", "kafka.header.unit", "{topic[0]}"))
                .isEmpty();
        assertThat(mistakes("value.format", "cloudevents", "kafka.headers", "ce_*"))
                .containsExactly(Map.entry(
                        "kafka.headers",
                        "kafka.headers leaves out the header content-type, which value.format sets: add its name, or"
                                + " leave out what sets it."));
        assertThat(mistakes(
                        "routes", "a,b",
                        "kafka.header.unit", "celsius",
                        "route.a.topic.filters", "a/#",
                        "route.a.kafka.headers", "mqtt.topic",
                        "route.b.topic.filters", "b/#",
                        "route.b.kafka.headers", "mqtt.topic",
                        "route.b.kafka.header.unit", ""))
                .containsOnlyKeys("route.a.kafka.headers");
    }

    @Test
    void what_a_format_sets_itself_is_not_set_by_the_user() {
        assertThat(mistakes("value.format", "cloudevents", "kafka.header.ce_type", "x", "kafka.header.ce_site", "y"))
                .containsExactly(Map.entry(
                        "kafka.header.ce_type",
                        "kafka.header.ce_type is set, but value.format=cloudevents sets that header itself: leave it"
                                + " out."));
        assertThat(mistakes("kafka.header.ce_type", "x")).isEmpty();
    }

    @Test
    void metadata_go_where_they_are_carried() {
        assertThat(mistakes("metadata.floor", "{topic[1]}"))
                .containsExactly(Map.entry(
                        "metadata.floor",
                        "metadata.floor is set, but value.format is bytes, whose values carry no metadata: set it to"
                                + " tbmq, json or protobuf, or name a header with kafka.header.<name>."));
        assertThat(mistakes("metadata.floor", "{topic[1]}", "value.format", "tbmq"))
                .isEmpty();
        assertThat(mistakes(
                        "routes", "a,b",
                        "route.a.topic.filters", "a/#",
                        "route.a.value.format", "tbmq",
                        "route.b.topic.filters", "b/#",
                        "metadata.floor", "{topic[1]}"))
                .isEmpty();
        assertThat(mistakes(
                        "routes", "a,b",
                        "route.a.topic.filters", "a/#",
                        "route.a.value.format", "tbmq",
                        "route.a.metadata.line", "{topic",
                        "route.b.topic.filters", "b/#",
                        "route.b.metadata.line", "3"))
                .containsOnlyKeys("route.a.metadata.line", "route.b.metadata.line");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"org.apache.kafka.connect.converters.ByteArrayConverter", "ByteArrayConverter", "ByteArray"})
    void headers_are_bytes_for_the_header_converter_that_takes_bytes_only(String converter) {
        SourceConfig config = config("header.converter", converter, "kafka.headers.charset", "iso-8859-1");

        assertThat(config.routes().takers("a").get(0).headers().form().charset())
                .contains(StandardCharsets.ISO_8859_1);
        assertThat(config("header.converter", converter)
                        .routes()
                        .takers("a")
                        .get(0)
                        .headers()
                        .form()
                        .charset())
                .contains(StandardCharsets.UTF_8);
        assertThat(config().routes().takers("a").get(0).headers().form().charset())
                .isEmpty();
    }

    @Test
    void a_named_route_names_its_filters() {
        assertThat(mistakes("routes", "temps", "route.temps.kafka.topic", "{x}"))
                .containsOnlyKeys("route.temps.topic.filters", "route.temps.kafka.topic");
    }

    @Test
    void dead_letters_go_where_no_other_records_go() {
        assertThat(mistakes(
                        "dead.letter.topic", "b",
                        "routes", "one,two",
                        "route.one.topic.filters", "a/#",
                        "route.one.kafka.topic", "a",
                        "route.two.topic.filters", "b/#",
                        "route.two.kafka.topic", "b"))
                .containsOnlyKeys("dead.letter.topic")
                .hasValueSatisfying(containing("route.two.kafka.topic"));
        assertThat(mistakes("dead.letter.topic", "mqtt.connections")).isEmpty();
        assertThat(mistakes("dead.letter.topic", "mqtt.connections", "capture.connections", "true"))
                .hasValueSatisfying(containing("connections.topic"));
        assertThat(mistakes("dead.letter.topic", "iot.dead", "kafka.topic", "iot.{topic[0]}"))
                .isEmpty();
    }

    @Test
    void records_about_connections_go_where_no_other_records_go() {
        assertThat(mistakes("capture.connections", "true", "kafka.topic", "mqtt.connections"))
                .containsOnlyKeys("connections.topic")
                .hasValueSatisfying(containing("so that no device can make records about connections"));
    }

    @Test
    void records_about_connections_have_keys_of_text_which_the_converter_must_take() {
        assertThat(mistakes(
                        "capture.connections", "true",
                        "kafka.key", "",
                        "key.converter", "ByteArrayConverter"))
                .containsOnlyKeys("capture.connections")
                .hasValueSatisfying(containing("capture.connections makes record keys of text, and key.converter="));
    }

    @Test
    void a_route_is_named_once_and_its_keys_are_of_a_route_that_is_named() {
        assertThat(mistakes("routes", "a,a", "route.a.topic.filters", "#"))
                .hasEntrySatisfying("routes", containing("names a more than once"));
        assertThat(mistakes("routes", "alarms", "route.alarms.topic.filters", "#", "route.alarm.kafka.topic", "x"))
                .hasEntrySatisfying(
                        "route.alarm.kafka.topic",
                        containing("is set, but routes is alarms: add the route alarm to routes, or leave it out"));
        assertThat(mistakes("route.x.kafka.topic", "x"))
                .hasEntrySatisfying("route.x.kafka.topic", containing("routes is not: add the route x"));
    }

    @Test
    void an_extension_of_cloudevents_has_a_name_that_they_allow() {
        assertThat(mistakes("value.format", "cloudevents", "kafka.header.ce_Site", "{topic}"))
                .hasEntrySatisfying("kafka.header.ce_Site", containing("small letters and digits"));
        assertThat(mistakes("value.format", "cloudevents", "kafka.header.ce_site7", "{topic}"))
                .isEmpty();
    }

    @Test
    void only_headers_that_exist_can_be_chosen() {
        assertThat(mistakes("mqtt.headers", "mqtt.topic,mqtt.property.*")).isEmpty();
        assertThat(mistakes("mqtt.headers", "none")).isEmpty();
    }
}
