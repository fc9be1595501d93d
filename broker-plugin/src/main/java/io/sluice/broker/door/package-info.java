/**
 * The way in: listeners, limits, capture and answers.
 *
 * <p>{@link io.sluice.broker.door.FrontDoor} is the entry. It accepts connections, lets clients in, appends what they
 * publish to a {@link io.sluice.buffer.SharedBuffer}, answers them, and hands on to Moquette what its subscribers wait
 * for.
 */
@NullMarked
package io.sluice.broker.door;

import org.jspecify.annotations.NullMarked;
