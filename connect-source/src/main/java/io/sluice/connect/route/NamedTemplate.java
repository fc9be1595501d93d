package io.sluice.connect.route;

/**
 * A template whose text goes under a name.
 *
 * @param name the name of a header or of a piece of metadata
 * @param template makes its text
 */
public record NamedTemplate(String name, Template template) {}
