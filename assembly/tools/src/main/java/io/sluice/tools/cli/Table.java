package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.tools.Payloads;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** Rows as columns of text, as wide as they need to be; states in colour where the terminal shows colours. */
final class Table {

    private Table() {}

    /** The rows, with a line of titles, which are the fields' names. */
    static String of(JsonNode rows, List<String> fields, Ansi ansi) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(fields.stream().map(field -> field.toUpperCase(Locale.ROOT)).toList());
        for (JsonNode row : rows) {
            lines.add(fields.stream()
                    .map(field -> Payloads.escaped(row.path(field).asText()))
                    .toList());
        }
        int[] widths = new int[fields.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = line.get(i);
                row.append(coloured(cell, ansi)).append(" ".repeat(widths[i] - cell.length() + 2));
            }
            text.append(row.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }

    private static String coloured(String cell, Ansi ansi) {
        return switch (cell) {
            case "RUNNING" -> ansi.string("@|green " + cell + "|@");
            case "FAILED" -> ansi.string("@|red " + cell + "|@");
            default -> cell;
        };
    }
}
