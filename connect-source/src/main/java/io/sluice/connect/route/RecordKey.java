package io.sluice.connect.route;

import io.sluice.connect.format.UnmappableException;
import java.util.Optional;

/**
 * The keys of a route's records.
 *
 * @param template makes them; one that is empty makes none
 * @param required whether a message that lacks anything the template asks for, and that has no default, cannot be mapped
 */
public record RecordKey(Template template, boolean required) {

    /**
     * The key of a message's record; absent if it has none, and then Kafka keeps no order for it.
     *
     * @throws UnmappableException if it has none and must have one
     */
    Optional<String> of(MessageFields fields) throws UnmappableException {
        if (!required) {
            return ifAny(fields);
        }
        Optional<String> key = template.renderAll(fields).filter(text -> !text.isEmpty());
        if (key.isEmpty()) {
            throw new UnmappableException(
                    "the message has no value for every placeholder of kafka.key " + template
                            + ", and kafka.key.required is true; a default can be given after a bar, as in {username|anonymous}");
        }
        return key;
    }

    /** The key, if the message has all or some of what the template asks for. */
    Optional<String> ifAny(MessageFields fields) {
        return Optional.of(template.render(fields)).filter(text -> !text.isEmpty());
    }
}
