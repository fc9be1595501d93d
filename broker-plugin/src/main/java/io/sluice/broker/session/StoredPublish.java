package io.sluice.broker.session;

import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A message to be queued or retained, or one that was. A method that takes one reads its payload and does not keep it.
 *
 * <p>The same object added to several queues is stored once: make one for each PUBLISH, not one for each session. May be
 * handed to several threads.
 */
public final class StoredPublish {

    private final String topic;
    private final Qos qos;
    private final boolean retained;
    private final OptionalLong expiresAtMs;
    private final PublishProperties properties;
    private final ByteBuffer payload;

    /** Where each store that was given it has it, as far as that is known. */
    private volatile @Nullable Ticket tickets;

    private volatile byte @Nullable [] body;

    /**
     * @param topic topic name
     * @param qos the quality of service it was published with
     * @param retained the RETAIN flag it was published with
     * @param expiresAtMs when it expires, in milliseconds since the epoch; empty: never
     * @param properties MQTT 5 properties; the message expiry interval among them is kept as it is and has no effect
     * @param payload from the buffer's position to its limit; must not change while the message is handed over
     */
    public StoredPublish(
            String topic,
            Qos qos,
            boolean retained,
            OptionalLong expiresAtMs,
            PublishProperties properties,
            ByteBuffer payload) {
        this.topic = topic;
        this.qos = qos;
        this.retained = retained;
        this.expiresAtMs = expiresAtMs;
        this.properties = properties;
        this.payload = payload.asReadOnlyBuffer();
    }

    public String topic() {
        return topic;
    }

    /** The quality of service that it was published with. */
    public Qos qos() {
        return qos;
    }

    /** The RETAIN flag that it was published with. */
    public boolean retained() {
        return retained;
    }

    /** When it expires, in milliseconds since the epoch by today's clock; empty: never. */
    public OptionalLong expiresAtMs() {
        return expiresAtMs;
    }

    public PublishProperties properties() {
        return properties;
    }

    /** Application message, from the buffer's position to its limit; a view that cannot be written. */
    public ByteBuffer payload() {
        return payload.asReadOnlyBuffer();
    }

    /** The message as it is stored; not to be modified. Made once: sessions by the thousand may queue it. */
    byte[] body() {
        byte[] known = body;
        if (known == null) {
            known = PublishFormat.encode(this);
            body = known;
        }
        return known;
    }

    /** The first; others follow it. */
    @Nullable
    Ticket tickets() {
        return tickets;
    }

    /** Under one lock for all stores, which have a lock each. */
    synchronized void add(Ticket ticket) {
        ticket.putBefore(tickets);
        tickets = ticket;
    }

    @Override
    public String toString() {
        return "StoredPublish[topic=" + topic + ", qos=" + qos + ", " + payload.remaining() + " bytes]";
    }
}
