/**
 * Attacks on a standalone broker that has 256 MiB, each over raw sockets. {@link io.sluice.broker.hostile.HostileTest}
 * says what must hold during and after each of them; a class is for one kind of attack.
 */
@NullMarked
package io.sluice.broker.hostile;

import org.jspecify.annotations.NullMarked;
