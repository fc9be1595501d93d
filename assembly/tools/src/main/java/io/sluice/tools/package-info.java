/**
 * What an operator's programs know of Sluice's surroundings: Connect workers, connectors in files, and addresses by name.
 *
 * <p>{@link io.sluice.tools.ConnectClient} speaks to a worker, {@link io.sluice.tools.ConnectorFile} reads what it is to
 * run, {@link io.sluice.tools.Contexts} remembers where things are. The command line is in {@code io.sluice.tools.cli}.
 */
@NullMarked
package io.sluice.tools;

import org.jspecify.annotations.NullMarked;
