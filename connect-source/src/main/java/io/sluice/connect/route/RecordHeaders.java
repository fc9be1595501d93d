package io.sluice.connect.route;

import io.sluice.connect.format.AllowedNames;
import io.sluice.connect.format.HeaderSelection;
import io.sluice.connect.format.HeaderWriter;
import java.util.List;

/**
 * The headers of a route's records. Immutable.
 *
 * @param selection which headers tell of the MQTT message
 * @param own the user's own; one whose text is empty is not set
 * @param form of headers, for their converter
 * @param allowed of all headers, those of other names are left out
 */
public record RecordHeaders(
        HeaderSelection selection, List<NamedTemplate> own, HeaderWriter.Form form, AllowedNames allowed) {

    public RecordHeaders {
        own = List.copyOf(own);
    }

    HeaderWriter of(MessageFields fields) {
        HeaderWriter writer = new HeaderWriter(form, allowed);
        selection.write(fields.message(), fields.id(), writer);
        for (NamedTemplate header : own) {
            String text = header.template().render(fields);
            if (!text.isEmpty()) {
                writer.text(header.name(), text);
            }
        }
        return writer;
    }
}
