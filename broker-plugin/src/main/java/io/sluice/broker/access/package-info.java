/**
 * Who may connect, and what they may do.
 *
 * <p>{@link io.sluice.broker.access.AccessControl} decides for the front door; {@link io.sluice.broker.access.AccessConfig} says
 * by which files.
 */
@NullMarked
package io.sluice.broker.access;

import org.jspecify.annotations.NullMarked;
