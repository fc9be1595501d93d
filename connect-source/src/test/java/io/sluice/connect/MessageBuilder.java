package io.sluice.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.connect.format.AliasNames;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.ValueSource;
import io.sluice.connect.json.JsonPayload;
import io.sluice.connect.route.MessageFields;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Makes messages as devices publish them. */
public final class MessageBuilder {

    /** 2026-03-04T05:06:07.890Z. */
    public static final long RECEIVED_AT_MS = 1_772_600_767_890L;

    private final String topic;
    private byte[] payload = "21.5".getBytes(UTF_8);
    private String clientId = "client-1";
    private Optional<String> username = Optional.empty();
    private Optional<String> certificateName = Optional.empty();
    private Qos qos = Qos.AT_LEAST_ONCE;
    private MessageKind kind = MessageKind.PUBLISH;
    private boolean retained;
    private boolean duplicate;
    private int packetId = 7;
    private long receivedAtMs = RECEIVED_AT_MS;
    private boolean payloadIsUtf8;
    private OptionalLong expiry = OptionalLong.empty();
    private Optional<String> contentType = Optional.empty();
    private Optional<String> responseTopic = Optional.empty();
    private Optional<ByteBuffer> correlationData = Optional.empty();
    private final List<UserProperty> userProperties = new ArrayList<>();

    private static final MessageId ID = new MessageId("f0e1d2c3", 42);

    private MessageBuilder(String topic) {
        this.topic = topic;
    }

    public static MessageBuilder to(String topic) {
        return new MessageBuilder(topic);
    }

    /** A message that has everything that a message can have. */
    public static MessageBuilder full() {
        return to("sensors/7/temp")
                .from("c-1")
                .username("ann")
                .qos(2)
                .retained()
                .duplicate()
                .payloadIsUtf8()
                .expiry(4_294_967_295L)
                .contentType("text/plain")
                .responseTopic("answers/7")
                .correlationData(new byte[] {1, (byte) 0xff})
                .property("site", "north")
                .property("site", "south")
                .property("", "unnamed");
    }

    public MessageBuilder payload(String text) {
        return payload(text.getBytes(UTF_8));
    }

    public MessageBuilder payload(byte[] bytes) {
        payload = bytes;
        return this;
    }

    public MessageBuilder from(String client) {
        clientId = client;
        return this;
    }

    public MessageBuilder certificateName(String name) {
        certificateName = Optional.of(name);
        return this;
    }

    public MessageBuilder username(String name) {
        username = Optional.of(name);
        return this;
    }

    public MessageBuilder qos(int level) {
        qos = Qos.ofLevel(level);
        packetId = level == 0 ? 0 : packetId;
        return this;
    }

    public MessageBuilder will() {
        kind = MessageKind.WILL;
        return this;
    }

    public MessageBuilder packetId(int id) {
        packetId = id;
        return this;
    }

    public MessageBuilder receivedAt(long epochMs) {
        receivedAtMs = epochMs;
        return this;
    }

    public MessageBuilder retained() {
        retained = true;
        return this;
    }

    public MessageBuilder duplicate() {
        duplicate = true;
        return this;
    }

    public MessageBuilder payloadIsUtf8() {
        payloadIsUtf8 = true;
        return this;
    }

    public MessageBuilder expiry(long seconds) {
        expiry = OptionalLong.of(seconds);
        return this;
    }

    public MessageBuilder contentType(String type) {
        contentType = Optional.of(type);
        return this;
    }

    public MessageBuilder responseTopic(String response) {
        responseTopic = Optional.of(response);
        return this;
    }

    public MessageBuilder correlationData(byte[] data) {
        correlationData = Optional.of(ByteBuffer.wrap(data));
        return this;
    }

    public MessageBuilder property(String name, String value) {
        userProperties.add(new UserProperty(name, value));
        return this;
    }

    public Message build() {
        return new Message(
                kind,
                clientId,
                username,
                certificateName,
                topic,
                qos,
                retained,
                duplicate,
                packetId,
                receivedAtMs,
                new PublishProperties(
                        payloadIsUtf8, expiry, contentType, responseTopic, correlationData, userProperties),
                ByteBuffer.wrap(payload));
    }

    /** What templates ask of the message. */
    public MessageFields fields() {
        return new MessageFields(build(), ID, AliasNames.NONE);
    }

    /** What formats ask of the message, which has the 42nd position of its buffer. */
    public ValueSource source(Optional<String> key, String... metadata) {
        return new ValueSource(build(), ID, key, List.of(metadata), () -> JsonPayload.of(payload), AliasNames.NONE);
    }
}
