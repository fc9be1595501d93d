/**
 * What the command line and the console are made of: requests to Connect workers and to the status of a process, connectors
 * in files, and addresses by name.
 *
 * <p>{@link io.sluice.tools.ConnectClient} speaks to a worker, {@link io.sluice.tools.ConnectorFile} reads the connectors that
 * the worker is to run, {@link io.sluice.tools.Contexts} remembers addresses. The commands are in {@code io.sluice.tools.cli},
 * the console is in {@code io.sluice.tools.console}.
 */
@NullMarked
package io.sluice.tools;

import org.jspecify.annotations.NullMarked;
