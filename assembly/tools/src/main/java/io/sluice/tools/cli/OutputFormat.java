package io.sluice.tools.cli;

/** How data is printed; the names are what {@code -o} takes. */
enum OutputFormat {
    /** For people: columns, or lines of text. */
    table,
    /** One JSON document, with more than a table shows. */
    json,
    /** The same as YAML. */
    yaml,
    /** Names only, one a line, for the next command. */
    name
}
