/**
 * The commands of {@code sluice}: {@link io.sluice.tools.cli.Sluice} is the entry, and names one class for each first word, such
 * as {@code ConnectorCommand}. A command that is more than a few lines has a class too, such as {@code Apply}.
 *
 * <p>Names that end with {@code Options} are options that several commands have; {@code Common} has those of all. Data goes to
 * the standard output and sentences to the standard error; {@link io.sluice.tools.ExitCode} has how a command ends.
 *
 * <p>All of this is one package, although it has forty classes: each command needs the options and the tables that all share,
 * and nothing but the entry is public.
 */
@NullMarked
package io.sluice.tools.cli;

import org.jspecify.annotations.NullMarked;
