package io.sluice.connect.format;

import io.sluice.message.Message;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The headers a user wants. Immutable. */
public final class HeaderSelection {

    public static final HeaderSelection ALL = new HeaderSelection(EnumSet.allOf(MqttHeader.class));
    public static final HeaderSelection NONE = new HeaderSelection(Set.of());

    private final List<MqttHeader> headers;

    /** Some headers, which are set in the order of {@link MqttHeader}. */
    public HeaderSelection(Set<MqttHeader> headers) {
        this.headers = headers.stream().sorted().toList();
    }

    public void write(Message message, MessageId id, HeaderWriter to) {
        for (MqttHeader header : headers) {
            header.add(message, id, to);
        }
    }
}
