package io.sluice.connect.route;

/** A template whose text goes under a name. */
public record NamedTemplate(String name, Template template) {}
