package io.sluice.connect.format;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.CloudEventUtils;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.v1.CloudEventV1;
import io.cloudevents.rw.CloudEventContextWriter;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;

/**
 * CloudEvents 1.0 in the binary mode of their Kafka protocol binding: the payload is the value, attributes are headers.
 * The id is the message's place in a buffer, so that a message has the same one in every record it becomes, however
 * often it is delivered; the source is its broker, the subject its topic, the time when the broker received it.
 */
final class CloudEventValue implements ValueMaker {

    /** The headers that this format sets (Kafka protocol binding, section 3.2). */
    static final Set<String> HEADERS = Set.of(
            header(CloudEventV1.SPECVERSION),
            header(CloudEventV1.ID),
            header(CloudEventV1.SOURCE),
            header(CloudEventV1.TYPE),
            header(CloudEventV1.SUBJECT),
            header(CloudEventV1.TIME),
            header(CloudEventV1.DATACONTENTTYPE));

    private static final String PUBLISHED = "io.sluice.mqtt.publish";
    private static final String WILL = "io.sluice.mqtt.will";

    /** Attributes of one event after the other. */
    private final CloudEventBuilder builder;

    CloudEventValue(EnvelopeNames names) {
        this.builder = CloudEventBuilder.v1().withSource(source(names.broker()));
    }

    private static URI source(String broker) {
        return URI.create(
                "/sluice/" + URLEncoder.encode(broker, StandardCharsets.UTF_8).replace("+", "%20"));
    }

    @Override
    public SchemaAndValue value(ValueSource source, HeaderWriter headers) {
        Message message = source.message();
        contentType(message).ifPresentOrElse(builder::withDataContentType, builder::withoutDataContentType);
        CloudEvent event = builder.withId(id(source.id()))
                .withType(message.kind() == MessageKind.WILL ? WILL : PUBLISHED)
                .withSubject(message.topic())
                .withTime(Instant.ofEpochMilli(message.receivedAtMs()).atOffset(ZoneOffset.UTC))
                .build();
        headers.text(header(CloudEventV1.SPECVERSION), event.getSpecVersion().toString());
        CloudEventUtils.toContextReader(event).readContext(new Attributes(headers));
        return new SchemaAndValue(Schema.BYTES_SCHEMA, Payload.bytes(message.payload()));
    }

    /** A content type of events themselves would make this one, in binary mode, be read in structured mode. */
    private static Optional<String> contentType(Message message) {
        return message.properties()
                .contentType()
                .filter(type -> !type.isBlank()
                        && !type.strip().toLowerCase(Locale.ROOT).startsWith("application/cloudevents"))
                .or(() -> message.properties().payloadIsUtf8()
                        ? Optional.of("text/plain; charset=utf-8")
                        : Optional.empty());
    }

    private static String id(MessageId id) {
        String message = id.buffer() + "-" + id.position();
        return id.element().isPresent() ? message + "-" + id.element().getAsInt() : message;
    }

    private static String header(String attribute) {
        return attribute.equals(CloudEventV1.DATACONTENTTYPE) ? "content-type" : "ce_" + attribute;
    }

    private record Attributes(HeaderWriter headers) implements CloudEventContextWriter {

        @Override
        public CloudEventContextWriter withContextAttribute(String name, String value) {
            headers.text(header(name), value);
            return this;
        }
    }
}
