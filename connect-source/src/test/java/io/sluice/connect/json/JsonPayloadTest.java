package io.sluice.connect.json;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonPointer;
import java.lang.ref.WeakReference;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPayloadTest {

    @ParameterizedTest
    @ValueSource(strings = {"21.50", "1e3", "-0.0", "-0", "1E-400", "12345678901234567890.10", "NaN", "-Infinity"})
    void a_number_is_as_the_device_wrote_it(String number) {
        assertThat(at("{\"n\":" + number + "}", "/n")).contains(number);
        assertThat(at("{\"o\":{\"n\":" + number + "}}", "/o")).contains("{\"n\":" + number + "}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\0',
            value = {
                "{\"a\":1,}; 1",
                "\uFEFF{\"a\":1}; 1",
                "{\"a\":0,\"a\":1}; 1",
                "{\"a\":\"\\ud800\"}; ?",
                "{\"a\":true}; true"
            })
    void what_devices_write_is_read(String json, String value) {
        assertThat(at(json, "/a")).contains(value);
    }

    @Test
    void zero_bytes_at_the_end_are_no_part_of_it() {
        assertThat(at("{\"a\":1}\0\0", "/a")).contains("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0\0\1\0", "{\"a\":1", "{\"a\":1}x", "{\"a\":1}{}", "a", "{\"a\":null}", "{\"b\":1}"})
    void what_is_no_json_or_has_no_such_value_has_none(String json) {
        assertThat(at(json, "/a")).isEmpty();
    }

    @Test
    void no_other_encoding_is_guessed() {
        assertThat(JsonPayload.of("{\"a\":1}".getBytes(UTF_16)).at(JsonPointer.compile("/a")))
                .isEmpty();
        assertThat(JsonPayload.of(new byte[] {0, 0, 1, 0}).at(JsonPointer.compile("/a")))
                .isEmpty();
    }

    @Test
    void nothing_keeps_the_names_of_a_payload_that_is_gone() {
        WeakReference<String> name =
                new WeakReference<>(JsonPayload.of(("{\"" + "x".repeat(49_000) + "\":0}").getBytes(UTF_8))
                        .root()
                        .orElseThrow()
                        .fieldNames()
                        .next());

        await().until(() -> {
            System.gc();
            return name.refersTo(null);
        });
    }

    @Test
    void what_is_nested_too_deep_has_no_value() {
        assertThat(at("[".repeat(100_000), "/0")).isEmpty();
    }

    private static Optional<String> at(String json, String pointer) {
        return JsonPayload.of(json.getBytes(UTF_8)).at(JsonPointer.compile(pointer));
    }
}
