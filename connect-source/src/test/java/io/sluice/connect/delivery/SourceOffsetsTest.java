package io.sluice.connect.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.buffer.record.Lanes;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceOffsetsTest {

    private static final SourceOffsets OFFSETS = new SourceOffsets("b1", () -> "r1");

    @Test
    void a_partition_is_a_lane_of_a_buffer_and_made_once() {
        assertThat(OFFSETS.partition(7)).isEqualTo(Map.of("buffer", "b1", "lane", 7));
        assertThat(OFFSETS.partition(7)).isSameAs(OFFSETS.partition(7));
    }

    @Test
    void an_offset_names_a_record_and_its_run_unless_it_is_a_repetition() {
        assertThat(OFFSETS.offset(12, "a")).isEqualTo(Map.of("position", 12L, "part", "a", "run", "r1"));
        assertThat(OFFSETS.replayOffset(12, "a")).isEqualTo(Map.of("position", 12L, "part", "a"));
    }

    @Test
    void a_partition_has_the_same_bytes_whether_the_connector_or_an_operator_writes_it() throws Exception {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false", "converter.type", "key"));
            for (String order : new String[] {"{\"buffer\":\"b1\",\"lane\":7}", "{\"lane\":7,\"buffer\":\"b1\"}"}) {
                Object operators = converter
                        .toConnectData("", order.getBytes(StandardCharsets.UTF_8))
                        .value();

                assertThat(converter.fromConnectData("", null, OFFSETS.partition(7)))
                        .isEqualTo(converter.fromConnectData("", null, operators));
            }
        }
    }

    @Test
    void stored_offsets_are_read_lane_by_lane() {
        Map<Map<String, Object>, Map<String, Object>> store = new HashMap<>();
        store.put(OFFSETS.partition(1), Map.of("position", 12L, "part", "a", "run", "r0"));
        store.put(OFFSETS.partition(2), Map.of("position", 3L));
        store.put(OFFSETS.partition(3), null);
        store.put(OFFSETS.partition(4), Map.of("position", 5L, "part", 1L, "run", "r0"));

        assertThat(OFFSETS.read(new Store(store), Lanes.ALL))
                .isEqualTo(Map.of(
                        1, new StoredOffset(12, Optional.of("a"), Optional.of("r0")),
                        2, new StoredOffset(3, Optional.empty(), Optional.empty()),
                        4, new StoredOffset(5, Optional.of(""), Optional.of("r0"))));
    }

    @Test
    void a_stored_offset_that_is_none_of_ours_fails_with_a_sentence() {
        Store store = new Store(Map.of(OFFSETS.partition(1), Map.of("position", "twelve")));

        assertThatThrownBy(() -> OFFSETS.read(store, Lanes.ALL))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("There is position twelve in {position=twelve}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"position\":-1}",
                "{\"position\":0}",
                "{\"position\":9223372036854775807}",
                "{\"position\":12,\"part\":\"alarms\"}"
            })
    void an_operator_may_set_a_position_and_a_part(String offset) {
        assertThatCode(() -> SourceOffsets.check(map("{\"buffer\":\"b1\",\"lane\":63}"), map(offset)))
                .doesNotThrowAnyException();
    }

    @Test
    void an_operator_may_remove_any_offset_even_one_that_makes_no_sense() {
        assertThatCode(() -> SourceOffsets.check(Map.of("file", "x"), null)).doesNotThrowAnyException();
    }

    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\0',
            value = {
                "{\"lane\":1}; {\"position\":1}; There is no buffer in {lane=1}: it is the id of a buffer",
                "{\"buffer\":7,\"lane\":1}; {\"position\":1}; There is buffer 7 in",
                "{\"buffer\":\" \",\"lane\":1}; {\"position\":1}; it is the id of a buffer",
                "{\"buffer\":\"b\"}; {\"position\":1}; There is no lane in {buffer=b}: it is a whole number from 0 to 63",
                "{\"buffer\":\"b\",\"lane\":64}; {\"position\":1}; There is lane 64 in",
                "{\"buffer\":\"b\",\"lane\":-1}; {\"position\":1}; There is lane -1 in",
                "{\"buffer\":\"b\",\"lane\":\"1\"}; {\"position\":1}; it is a whole number from 0 to 63",
                "{\"buffer\":\"b\",\"lane\":1.5}; {\"position\":1}; There is lane 1.5 in",
                "{\"buffer\":\"b\",\"lane\":1,\"x\":2}; {\"position\":1}; has the unknown keys [x]: it has [buffer, lane] only",
                "{\"buffer\":\"b\",\"lane\":1}; {}; There is no position in {}",
                "{\"buffer\":\"b\",\"lane\":1}; {\"position\":\"1\"}; There is position 1 in",
                "{\"buffer\":\"b\",\"lane\":1}; {\"position\":-2}; There is position -2 in",
                "{\"buffer\":\"b\",\"lane\":1}; {\"position\":1.5}; There is position 1.5 in",
                "{\"buffer\":\"b\",\"lane\":1}; {\"position\":1,\"part\":0}; There is part 0 in",
                "{\"buffer\":\"b\",\"lane\":1}; {\"position\":1,\"offset\":2}; has the unknown keys [offset]",
                "{\"buffer\":\"b\",\"lane\":1}; {\"position\":1,\"run\":\"r\"}; marks offsets that the connector wrote itself: leave it out"
            })
    void each_mistake_of_an_operator_has_its_sentence(String partition, String offset, String sentence) {
        assertThatThrownBy(() -> SourceOffsets.check(map(partition), map(offset)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(sentence);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(String json) {
        try {
            return new JsonMapper().readValue(json, Map.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Offsets as Kafka Connect hands them to a task. */
    private record Store(Map<Map<String, Object>, Map<String, Object>> offsets) implements OffsetStorageReader {

        @Override
        public <T> Map<String, Object> offset(Map<String, T> partition) {
            return offsets.get(partition);
        }

        @Override
        public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
            Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
            partitions.forEach(partition -> found.put(partition, offsets.get(partition)));
            return found;
        }
    }
}
