package io.sluice.message;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The MQTT 5 properties of a PUBLISH that mean something beyond the connection it came by (section 3.3.2.3). A message
 * of an MQTT 3 client has {@link #NONE}.
 *
 * @param payloadIsUtf8 payload format indicator: whether the publisher declared the payload to be UTF-8 text
 * @param messageExpirySeconds message expiry interval in seconds, 0 to 4,294,967,295
 * @param contentType content type, such as a MIME type
 * @param responseTopic response topic of a request
 * @param correlationData correlation data of a request; a view that must not be modified
 * @param userProperties user properties, in the publisher's order, repeated names kept
 */
public record PublishProperties(
        boolean payloadIsUtf8,
        OptionalLong messageExpirySeconds,
        Optional<String> contentType,
        Optional<String> responseTopic,
        Optional<ByteBuffer> correlationData,
        List<UserProperty> userProperties) {

    public static final PublishProperties NONE = new PublishProperties(
            false, OptionalLong.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of());

    public PublishProperties {
        userProperties = List.copyOf(userProperties);
    }
}
