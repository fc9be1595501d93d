package io.sluice.connect.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventTextTest {

    private static final Pattern NAME = Pattern.compile("`([a-z]+(?:\\.[a-z]+)+)`");

    /** Those that the documentation has of connectors and tasks. */
    static Stream<String> events() {
        String documented = MetricsDoc.markdown();
        String table = documented.substring(documented.indexOf("| event |"), documented.indexOf("Of a broker,"));
        return table.lines()
                .map(line -> line.split("\\|", -1))
                .filter(cells -> cells.length > 2)
                .flatMap(cells -> NAME.matcher(cells[1]).results().map(MatchResult::group))
                .map(name -> name.replace("`", ""));
    }

    @ParameterizedTest
    @MethodSource("events")
    void every_event_that_is_documented_is_a_sentence(String event) {
        Map<String, Object> fields = new HashMap<>();
        for (String name : new String[] {
            "buffer",
            "changed",
            "warning",
            "advice",
            "error",
            "waiting",
            "endpoint",
            "silentMs",
            "topic",
            "client",
            "count",
            "position",
            "of",
            "processed",
            "errors",
            "edgeNode",
            "expected",
            "found",
            "command"
        }) {
            fields.put(name, "the " + name);
        }

        assertThat(EventText.of(event, fields))
                .doesNotStartWith(event)
                .doesNotContain("null")
                .hasSizeGreaterThan("the".length());
    }
}
