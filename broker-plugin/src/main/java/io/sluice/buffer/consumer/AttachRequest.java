package io.sluice.buffer.consumer;

import io.sluice.buffer.record.Lanes;
import io.sluice.message.TopicFilter;
import java.util.List;

/**
 * Who attaches to a buffer, and for what.
 *
 * @param name the connector's name, under which the buffer remembers it
 * @param filters what it wants captured
 * @param ackMode how safe it wants these messages before their publishers are acknowledged
 */
public record AttachRequest(String name, List<TopicFilter> filters, AckMode ackMode, Lanes lanes) {

    public AttachRequest {
        filters = List.copyOf(filters);
    }
}
