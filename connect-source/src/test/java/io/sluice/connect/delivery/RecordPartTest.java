package io.sluice.connect.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordPartTest {

    @Test
    void parts_are_sorted_as_the_records_are_made() {
        List<String> made = List.of(
                RecordPart.of("a", 0),
                RecordPart.of("a", 9),
                RecordPart.of("a", 10),
                RecordPart.of("a", 99_999),
                RecordPart.of("a-b", 0),
                "a0",
                RecordPart.of("a_", 3),
                "b");

        assertThat(made).isSorted();
        assertThat(RecordPart.of("readings", 12)).isEqualTo("readings#000012");
    }

    @ParameterizedTest
    @CsvSource({
        "a, a, true",
        "b, a, false",
        "a#000003, a#000003, true",
        "a#000004, a#000003, false",
        "b#000000, a#000003, false",
        "a#000003, b, true",
        "a#000003, a, true",
        "a, a#000003, false",
        "a-b#000000, a, false",
        "a, a-b#000003, true",
        "a, '', false",
        "a#000000, '', false"
    })
    void a_part_is_done_up_to_the_last_one_also_if_the_route_splits_since_or_no_longer(
            String part, String last, boolean done) {
        assertThat(RecordPart.isDone(part, last)).isEqualTo(done);
    }
}
