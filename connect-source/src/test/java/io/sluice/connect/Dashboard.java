package io.sluice.connect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A dashboard of Grafana.
 *
 * @param queries what it asks Prometheus
 */
record Dashboard(List<String> queries) {

    private static final Pattern SELECTORS = Pattern.compile("\\{[^}]*}");
    private static final Pattern RANGES = Pattern.compile("\\[[^]]*]");
    private static final Pattern GROUPINGS = Pattern.compile("\\b(by|without|on|ignoring)\\s*\\(([^)]*)\\)");
    private static final Pattern FUNCTIONS = Pattern.compile("[a-z_]+\\s*\\(");
    private static final Pattern OPERATORS = Pattern.compile("\\b(and|or|unless)\\b");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)");

    /** The queries of its panels, and of the variables that users choose from. */
    static Dashboard read(Path file) throws IOException {
        JsonNode dashboard = new JsonMapper().readTree(file.toFile());
        List<String> queries = new ArrayList<>(dashboard.path("panels").findValuesAsText("expr"));
        dashboard.at("/templating/list").forEach(variable -> {
            if (variable.path("type").asText().equals("query")) {
                queries.add(variable.at("/query/query").asText().replaceAll("label_values\\(([^,]*),.*", "$1"));
            }
        });
        return new Dashboard(queries);
    }

    /** The names of metrics in a query: whatever is no function, no label and no word of the language. */
    static Set<String> metrics(String query) {
        String rest = query;
        for (Pattern other : List.of(SELECTORS, RANGES, GROUPINGS, FUNCTIONS, OPERATORS)) {
            rest = other.matcher(rest).replaceAll(" ");
        }
        Set<String> names = new LinkedHashSet<>();
        NAME.matcher(rest).results().forEach(name -> names.add(name.group()));
        return names;
    }

    /** The labels that a query selects and groups by, without those that Prometheus adds. */
    static Set<String> labels(String query) {
        Set<String> labels = new LinkedHashSet<>();
        SELECTORS
                .matcher(query)
                .results()
                .forEach(selector ->
                        LABEL.matcher(selector.group()).results().forEach(label -> labels.add(label.group(1))));
        GROUPINGS
                .matcher(query)
                .results()
                .forEach(grouping -> Stream.of(grouping.group(2).split(","))
                        .map(String::strip)
                        .forEach(labels::add));
        labels.remove("instance");
        return labels;
    }
}
