package io.sluice.connect.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;

/** Sizes are those that converters write, or a few bytes more. */
class ConvertedSizeTest {

    @Test
    void a_short_decimal_has_as_many_bytes_as_its_base64() {
        SchemaAndValue decimal = new SchemaAndValue(Decimal.schema(0), BigDecimal.valueOf(5));
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false"), false);
            byte[] written = converter.fromConnectData("iot", decimal.schema(), decimal.value());
            assertThat(ConvertedSize.JSON.of(decimal)).isGreaterThanOrEqualTo(written.length);
        }
    }

    @Test
    void decimals_and_moments_have_what_messages_of_protobuf_take() {
        assertThat(ValueSize.of(Date.from(Instant.EPOCH))).isEqualTo(24);
        assertThat(ValueSize.of(BigDecimal.valueOf(5))).isEqualTo(13);
        assertThat(ConvertedSize.AS_IS.of(new SchemaAndValue(Timestamp.SCHEMA, Date.from(Instant.EPOCH))))
                .isEqualTo(24);
    }
}
