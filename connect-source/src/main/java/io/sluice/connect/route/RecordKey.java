package io.sluice.connect.route;

import io.sluice.connect.format.UnmappableException;
import java.util.Optional;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;

/**
 * The keys of a route's records.
 *
 * @param template makes them; one that is empty makes none
 * @param struct makes them instead, if they have fields
 * @param required whether a message that lacks anything the templates ask for, and that has no default, cannot be mapped
 */
public record RecordKey(Template template, Optional<KeyStruct> struct, boolean required) {

    /**
     * The key of a message's record; absent if it has none, and then Kafka keeps no order for it.
     *
     * @throws UnmappableException if it has none and must have one
     */
    Optional<SchemaAndValue> of(MessageFields fields) throws UnmappableException {
        if (required) {
            check(fields);
        }
        return ifAny(fields);
    }

    private void check(MessageFields fields) throws UnmappableException {
        if (struct.isPresent()) {
            Optional<NamedTemplate> lacking = struct.get().lacking(fields);
            if (lacking.isPresent()) {
                throw lacks(
                        "kafka.key.field." + lacking.get().name(), lacking.get().template());
            }
        } else if (template.renderAll(fields).orElse("").isEmpty()) {
            throw lacks("kafka.key", template);
        }
    }

    private static UnmappableException lacks(String key, Template template) {
        return new UnmappableException("the message has no value for every placeholder of " + key + " " + template
                + ", and kafka.key.required is true; a default can be given after a bar, as in {username|anonymous}");
    }

    /** The key, if the message has all or some of what the templates ask for. */
    Optional<SchemaAndValue> ifAny(MessageFields fields) {
        return struct.isPresent()
                ? struct.get().of(fields)
                : Optional.of(template.render(fields))
                        .filter(text -> !text.isEmpty())
                        .map(text -> new SchemaAndValue(Schema.STRING_SCHEMA, text));
    }
}
