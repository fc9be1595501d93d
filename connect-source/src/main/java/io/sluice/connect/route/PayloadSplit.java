package io.sluice.connect.route;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.json.JsonPayload;
import io.sluice.message.Message;
import io.sluice.message.PublishProperties;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes several messages of one whose JSON payload has an array: each element is a payload. It is written anew, without
 * white space; its numbers keep their digits.
 *
 * @param array where in the payload the array is
 * @param mostElements how many elements it may have
 */
public record PayloadSplit(JsonPointer array, int mostElements) {

    /** No array has more elements. */
    public static final int MOST = 100_000;

    /** In characters: of all elements together, what each has a copy of because it is beside the payload. */
    private static final long MOST_CARRIED = 64L << 20;

    /** In characters: a user property becomes a header, which is an object by itself. */
    private static final int PROPERTY = 200;

    /**
     * The elements, in their order.
     *
     * @throws UnmappableException if there is no array, if it has too many, or if they would be too large together
     */
    List<MessageFields> of(MessageFields read) throws UnmappableException {
        JsonNode root = read.json()
                .root()
                .orElseThrow(() ->
                        new UnmappableException("its payload is no JSON, in which value.split could find an array"));
        JsonNode elements = root.at(array);
        if (!elements.isArray()) {
            throw new UnmappableException("its payload has no array " + where() + ", which value.split asks for");
        }
        if (elements.size() > mostElements) {
            throw new UnmappableException("its payload has " + elements.size() + " elements " + where()
                    + ", more than value.split.max " + mostElements);
        }
        if (carried(read.message()) * elements.size() > MOST_CARRIED) {
            throw new UnmappableException(
                    "the copies of its topic, client id and user properties in its elements would exceed 64 MiB");
        }
        List<MessageFields> split = new ArrayList<>(elements.size());
        for (JsonNode element : elements) {
            split.add(read.element(
                    split.size(),
                    ByteBuffer.wrap(element.toString().getBytes(StandardCharsets.UTF_8)),
                    JsonPayload.of(element)));
        }
        return split;
    }

    private static long carried(Message message) {
        PublishProperties properties = message.properties();
        long carried = (long) message.topic().length()
                + message.clientId().length()
                + message.username().map(String::length).orElse(0)
                + message.certificateName().map(String::length).orElse(0)
                + properties.contentType().map(String::length).orElse(0)
                + properties.responseTopic().map(String::length).orElse(0)
                + properties.correlationData().map(ByteBuffer::remaining).orElse(0);
        for (UserProperty property : properties.userProperties()) {
            carried += PROPERTY + property.name().length() + property.value().length();
        }
        return carried;
    }

    private String where() {
        return array.toString().isEmpty() ? "as a whole" : "at " + array;
    }
}
