/**
 * The console: a page in the browser that configures, previews, watches and mends connectors.
 *
 * <p>{@link io.sluice.tools.console.ConsoleServer} is what runs; {@code Guard} stands in front of all that it answers,
 * {@code Api} lists what the page may ask and order, and the page itself is in the resources of this package.
 */
@NullMarked
package io.sluice.tools.console;

import org.jspecify.annotations.NullMarked;
