package io.sluice.connect.route;

import java.util.Optional;

/** A placeholder of a template: finds its value in a message, if the message has one. */
@FunctionalInterface
interface Placeholder {

    /** The value, absent if the message has none. */
    Optional<String> of(MessageFields fields);
}
