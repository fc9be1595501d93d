/**
 * Where messages go: routes choose messages by topic filters and turn each into a Kafka record by templates.
 *
 * <p>{@link io.sluice.connect.route.Routes} is the entry: it knows which routes take a message, and a
 * {@link io.sluice.connect.route.Route} makes a record of it.
 */
@NullMarked
package io.sluice.connect.route;

import org.jspecify.annotations.NullMarked;
