package io.sluice.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {

    @Test
    void values_of_one_name_stand_together_behind_what_the_name_says() {
        assertThat(PrometheusText.of(List.of(
                        sample("sluice-a-total", Map.of("broker", "one"), 1),
                        sample("sluice-b", Map.of(), 0.5),
                        sample("sluice-a-total", Map.of("broker", "two"), 1e12))))
                .isEqualTo("""
                        # HELP sluice_a_total What it says
                        # TYPE sluice_a_total counter
                        sluice_a_total{broker="one"} 1
                        sluice_a_total{broker="two"} 1000000000000
                        # HELP sluice_b What it says
                        # TYPE sluice_b gauge
                        sluice_b 0.5
                        """);
    }

    @Test
    void names_that_others_have_chosen_break_no_line() {
        assertThat(PrometheusText.of(List.of(sample("a", Map.of("connector", "a\"b\\c\nd"), Double.NaN))))
                .endsWith("a{connector=\"a\\\"b\\\\c\\nd\"} NaN\n");
    }

    private static Sample sample(String name, Map<String, String> labels, double value) {
        return new Sample(name, "What it says", labels, value);
    }
}
