/**
 * Threads, and what they do again and again: {@link io.sluice.thread.Repeated} is the entry. This room knows no other one.
 */
@NullMarked
package io.sluice.thread;

import org.jspecify.annotations.NullMarked;
