package io.sluice.status;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Metrics in Prometheus's text format, version 0.0.4: for each name what it says, its type, and all its values.
 */
final class PrometheusText {

    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final String COUNTER = "-total";

    private PrometheusText() {}

    static String of(List<Sample> samples) {
        Map<String, List<Sample>> byName =
                samples.stream().collect(Collectors.groupingBy(Sample::name, LinkedHashMap::new, Collectors.toList()));
        StringBuilder text = new StringBuilder(128 * samples.size());
        byName.forEach((label, values) -> {
            String name = label.replace('-', '_');
            text.append("# HELP ")
                    .append(name)
                    .append(' ')
                    .append(escaped(values.get(0).description()));
            text.append("\n# TYPE ").append(name).append(label.endsWith(COUNTER) ? " counter\n" : " gauge\n");
            values.forEach(sample -> append(text, name, sample));
        });
        return text.toString();
    }

    private static void append(StringBuilder text, String name, Sample sample) {
        text.append(name);
        if (!sample.labels().isEmpty()) {
            text.append(sample.labels().entrySet().stream()
                    .map(label ->
                            label.getKey() + "=\"" + escaped(label.getValue()).replace("\"", "\\\"") + '"')
                    .collect(Collectors.joining(",", "{", "}")));
        }
        text.append(' ').append(number(sample.value())).append('\n');
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\n", "\\n");
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        } else if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
