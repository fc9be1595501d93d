/**
 * The program {@code sluice}: one class for each command that is more than a line, grouped by the first word.
 *
 * <p>Data goes to the standard output and sentences to the standard error; {@link io.sluice.tools.ExitCode} has how a
 * command ends.
 */
@NullMarked
package io.sluice.tools.cli;

import org.jspecify.annotations.NullMarked;
