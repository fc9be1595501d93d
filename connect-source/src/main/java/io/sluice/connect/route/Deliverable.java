package io.sluice.connect.route;

import io.sluice.connect.format.ConvertedSize;
import io.sluice.message.Message;
import org.apache.kafka.common.utils.Utils;

/**
 * What can be delivered whole, be it as a record or as a dead letter. A front door that takes no more than that never
 * acknowledges a message whose end no record can hold; it refuses the rest with reason code 0x95 (MQTT 5, 4.13.2).
 *
 * @param maxBytes of payload, topic name and client identifier
 * @param inBase64 whether the payload may have to be written in base64
 */
public record Deliverable(long maxBytes, boolean inBase64) {

    /** Whether all of a message can be delivered. */
    public boolean holds(Message message) {
        long payload = message.payload().remaining();
        return (inBase64 ? ConvertedSize.base64(payload) : payload)
                        + Utils.utf8Length(message.topic())
                        + Utils.utf8Length(message.clientId())
                <= maxBytes;
    }
}
