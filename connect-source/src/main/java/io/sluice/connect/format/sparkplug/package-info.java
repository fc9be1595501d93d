/** Payloads of Sparkplug B: how they are read within bounds, and the schema that they become. */
@NullMarked
package io.sluice.connect.format.sparkplug;

import org.jspecify.annotations.NullMarked;
