package io.sluice.connect.route;

import com.fasterxml.jackson.core.JsonPointer;
import io.sluice.connect.format.AliasNames;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.Payload;
import io.sluice.connect.json.JsonPayload;
import io.sluice.message.Message;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one message that templates use. Its payload is parsed as JSON at most once, and only if a template asks
 * for it. Not thread-safe.
 */
public final class MessageFields {

    private final Message message;
    private final MessageId id;
    private final AliasNames names;

    /** What this is an element of; null: it is none. */
    private final @Nullable MessageFields whole;

    private @Nullable JsonPayload json;

    /** The answers to the elements of this, so that each is written once for all of them. */
    private @Nullable Map<JsonPointer, Optional<String>> told;

    /** @param names what the message's aliases of Sparkplug B stand for */
    public MessageFields(Message message, MessageId id, AliasNames names) {
        this(message, id, names, null, null);
    }

    private MessageFields(
            Message message,
            MessageId id,
            AliasNames names,
            @Nullable MessageFields whole,
            @Nullable JsonPayload json) {
        this.message = message;
        this.id = id;
        this.names = names;
        this.whole = whole;
        this.json = json;
    }

    MessageFields with(ByteBuffer payload) {
        return new MessageFields(message(payload), id, names);
    }

    MessageFields element(int number, ByteBuffer payload, JsonPayload element) {
        return new MessageFields(message(payload), id.ofElement(number), names, this, element);
    }

    private Message message(ByteBuffer payload) {
        return new Message(
                message.kind(),
                message.clientId(),
                message.username(),
                message.certificateName(),
                message.topic(),
                message.qos(),
                message.retained(),
                message.duplicate(),
                message.packetId(),
                message.receivedAtMs(),
                message.properties(),
                payload);
    }

    public boolean isElement() {
        return whole != null;
    }

    public Message message() {
        return message;
    }

    AliasNames names() {
        return names;
    }

    public MessageId id() {
        return id;
    }

    /** @param index counted from 0 at the front, or from -1 at the back */
    Optional<String> topicLevel(int index) {
        String topic = message.topic();
        int wanted = index >= 0 ? index : levels(topic) + index;
        int start = 0;
        for (int level = 0; level < wanted && start >= 0; level++) {
            int slash = topic.indexOf('/', start);
            start = slash < 0 ? -1 : slash + 1;
        }
        if (wanted < 0 || start < 0) {
            return Optional.empty();
        }
        int end = topic.indexOf('/', start);
        return Optional.of(end < 0 ? topic.substring(start) : topic.substring(start, end));
    }

    private static int levels(String topic) {
        return 1 + (int) topic.chars().filter(c -> c == '/').count();
    }

    /** The value of a user property; the last one, if the name is repeated. */
    Optional<String> property(String name) {
        List<UserProperty> properties = message.properties().userProperties();
        for (int i = properties.size() - 1; i >= 0; i--) {
            if (properties.get(i).name().equals(name)) {
                return Optional.of(properties.get(i).value());
            }
        }
        return Optional.empty();
    }

    /** What a pointer finds in a JSON payload: the text of a value, the JSON of an object or an array. */
    Optional<String> json(JsonPointer pointer) {
        return json().at(pointer);
    }

    /** The same in the payload as it was before it was split. */
    Optional<String> jsonOfWhole(JsonPointer pointer) {
        return whole == null ? json(pointer) : whole.jsonOnce(pointer);
    }

    private Optional<String> jsonOnce(JsonPointer pointer) {
        Map<JsonPointer, Optional<String>> answers = told;
        if (answers == null) {
            answers = new HashMap<>();
            told = answers;
        }
        return answers.computeIfAbsent(pointer, this::json);
    }

    JsonPayload json() {
        JsonPayload parsed = json;
        if (parsed == null) {
            parsed = JsonPayload.of(Payload.bytes(message.payload()));
            json = parsed;
        }
        return parsed;
    }
}
