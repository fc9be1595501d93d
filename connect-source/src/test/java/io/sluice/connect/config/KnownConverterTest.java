package io.sluice.connect.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connect.format.ConvertedSize;
import io.sluice.connect.format.ValueFormat;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownConverterTest {

    @ParameterizedTest
    @CsvSource({
        "BYTES, AS_IS",
        "STRING, AS_IS",
        "STRUCT, JSON_WITH_SCHEMA",
        "JSON, JSON_WITH_SCHEMA",
        "PROTOBUF, JSON_WITH_SCHEMA",
        "SPARKPLUG, JSON_WITH_SCHEMA"
    })
    void what_the_worker_converts_is_taken_to_become_the_longest_that_the_format_may(
            ValueFormat format, ConvertedSize size) {
        assertThat(KnownConverter.valueSize(Map.of(), format)).isEqualTo(size);
        assertThat(KnownConverter.valueSize(Map.of("value.converter", "org.acme.Own"), format))
                .isEqualTo(size);
    }

    @ParameterizedTest
    @CsvSource({
        "io.confluent.connect.avro.AvroConverter, true, AS_IS",
        "Protobuf, true, AS_IS",
        "io.confluent.connect.json.JsonSchemaConverter, true, JSON",
        "JsonConverter, true, JSON_WITH_SCHEMA",
        "JsonConverter, false, JSON"
    })
    void what_the_connector_converts_becomes_as_long_as_its_converter_makes_it(
            String converter, String schemas, ConvertedSize size) {
        Map<String, String> properties =
                Map.of("value.converter", converter, "value.converter.schemas.enable", schemas);

        assertThat(KnownConverter.valueSize(properties, ValueFormat.SPARKPLUG)).isEqualTo(size);
    }
}
