package io.sluice.connect.format;

import io.sluice.message.Message;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The headers a user wants. Immutable. */
public final class HeaderSelection {

    public static final HeaderSelection ALL = new HeaderSelection(EnumSet.allOf(MqttHeader.class));
    public static final HeaderSelection NONE = new HeaderSelection(EnumSet.noneOf(MqttHeader.class));

    private final List<MqttHeader> headers;

    private HeaderSelection(Set<MqttHeader> headers) {
        this.headers = List.copyOf(headers);
    }

    /** Some headers, which are set in the order of {@link MqttHeader}. */
    public static HeaderSelection of(Set<MqttHeader> headers) {
        return headers.isEmpty() ? NONE : new HeaderSelection(EnumSet.copyOf(headers));
    }

    public void write(Message message, MessageId id, HeaderWriter to) {
        for (MqttHeader header : headers) {
            header.add(message, id, to);
        }
    }
}
