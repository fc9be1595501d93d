/**
 * What was published: immutable values, and the topic filters that choose among them.
 *
 * <p>Every other package speaks in these types; this one knows none of them. {@link io.sluice.message.Message} is the
 * entry.
 */
@NullMarked
package io.sluice.message;

import org.jspecify.annotations.NullMarked;
