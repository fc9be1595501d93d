package io.sluice.connect.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllowedNamesTest {

    @ParameterizedTest(name = "{0} of {1}: {2}")
    @CsvSource({
        "a, a, true",
        "a, ab, false",
        "a, ba, false",
        "a*, a, true",
        "a*, ab, true",
        "a*, ba, false",
        "*a, ba, true",
        "*a, ab, false",
        "a*a, aa, true",
        "a*a, a, false",
        "a*b*c, axbyc, true",
        "a*b*c, acb, false",
        "ab*ba, aba, false",
        "*, anything, true",
        "**, anything, true",
        "*b*, abc, true",
        "a.c, abc, false"
    })
    void an_asterisk_stands_for_any_characters_or_none(String pattern, String name, boolean allowed) {
        assertThat(new AllowedNames(List.of(pattern)).has(name)).isEqualTo(allowed);
        assertThat(new AllowedNames(List.of("x", pattern, "y")).has(name)).isEqualTo(allowed);
    }

    @Test
    void a_long_name_that_almost_matches_is_looked_up_at_once() {
        String name = "a".repeat(65_000);

        assertThat(Duration.ofSeconds(10))
                .isGreaterThan(duration(() -> assertThat(new AllowedNames(List.of("*a*a*a*a*a*a*b")).has(name))
                        .isFalse()));
    }

    private static Duration duration(Runnable action) {
        long begun = System.nanoTime();
        action.run();
        return Duration.ofNanos(System.nanoTime() - begun);
    }
}
