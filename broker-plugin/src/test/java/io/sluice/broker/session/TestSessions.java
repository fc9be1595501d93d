package io.sluice.broker.session;

import io.sluice.file.Folder;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.TopicFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What tests say of a broker's memory in one word. */
public final class TestSessions {

    /** Two clocks that a test sets. */
    static final class Clocks implements InstantSource {
        private final AtomicLong wallMs =
                new AtomicLong(Instant.parse("2026-05-01T12:00:00Z").toEpochMilli());
        private final AtomicLong nanos = new AtomicLong();

        /** Time goes by. */
        void pass(Duration time) {
            wallMs.addAndGet(time.toMillis());
            nanos.addAndGet(time.toNanos());
        }

        /** Somebody sets the wall clock. */
        void set(Duration forward) {
            wallMs.addAndGet(forward.toMillis());
        }

        void setTo(Instant time) {
            wallMs.set(time.toEpochMilli());
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(wallMs.get());
        }

        long nanos() {
            return nanos.get();
        }
    }

    private TestSessions() {}

    static SessionStore inHeap(SessionLimits limits) {
        return SessionStore.open(Optional.empty(), limits);
    }

    static SessionStore onDisk(Path dir) {
        return SessionStore.open(Optional.of(dir), SessionLimits.DEFAULT);
    }

    /** Opens a store in a folder of a test. */
    public static SessionStore open(Folder folder, SessionLimits limits) {
        return open(folder, new Clocks(), limits);
    }

    /** A store with a subscription that names a group and no filter, which nobody can restore. */
    public static SessionStore withSubscriptionThatIsNone(SessionLimits limits) {
        SessionStore store = inHeap(limits);
        store.save(session("c"));
        store.subscribe(new StoredSubscription("c", "$share/group", 0, false, false, 0, OptionalInt.empty()));
        return store;
    }

    /** Opens a store in a folder, with clocks that a test sets. */
    static SessionStore open(Folder folder, Clocks clocks) {
        return open(folder, clocks, SessionLimits.DEFAULT);
    }

    static SessionStore open(Folder folder, Clocks clocks, SessionLimits limits) {
        return open(folder, clocks, limits, Journal.SMALL_BYTES);
    }

    static SessionStore open(Folder folder, Clocks clocks, SessionLimits limits, long smallBytes) {
        try {
            return SessionStore.open(folder, limits, new StoreClock(clocks, clocks::nanos), smallBytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SessionLimits queuesOf(int messages, long bytes) {
        return new SessionLimits(10_000, messages, bytes, 1_000, 100_000, 1_000, 1 << 20, 1 << 20);
    }

    /** A session that is connected and never expires. */
    static StoredSession session(String clientId) {
        return session(clientId, StoredSession.NEVER);
    }

    static StoredSession session(String clientId, long expirySeconds) {
        return new StoredSession(clientId, Optional.of("user"), 5, expirySeconds, OptionalLong.empty());
    }

    static StoredSession disconnected(String clientId, long expirySeconds, InstantSource clock) {
        return new StoredSession(clientId, Optional.of("user"), 5, expirySeconds, OptionalLong.of(clock.millis()));
    }

    static StoredSubscription subscription(String clientId, String filter) {
        return new StoredSubscription(clientId, filter, 1, true, true, 2, OptionalInt.of(7));
    }

    static StoredPublish publish(String topic, String payload) {
        return publish(topic, payload, OptionalLong.empty());
    }

    static StoredPublish publish(String topic, String payload, OptionalLong expiresAtMs) {
        return new StoredPublish(
                topic,
                Qos.AT_LEAST_ONCE,
                false,
                expiresAtMs,
                PublishProperties.NONE,
                ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)));
    }

    static String text(StoredPublish publish) {
        return StandardCharsets.UTF_8.decode(publish.payload()).toString();
    }

    static String text(QueuedPublish queued) {
        return text(queued.publish());
    }

    /** Takes and acknowledges everything. */
    static List<String> drain(SessionQueue queue) {
        List<String> texts = new ArrayList<>();
        for (Optional<QueuedPublish> next = queue.take(); next.isPresent(); next = queue.take()) {
            texts.add(text(next.get()));
            queue.remove(next.get());
        }
        return texts;
    }

    static List<String> retained(SessionStore store, String filter) {
        return retained(store, TopicFilter.of(filter))
                .map(publish -> publish.topic() + "=" + text(publish))
                .toList();
    }

    /** The retained messages that a filter matches, in the order of their topics. Each is read when the stream comes to it. */
    static Stream<StoredPublish> retained(SessionStore store, TopicFilter filter) {
        return store.retainedTopics(filter, "")
                .filter(filter::matches)
                .flatMap(topic -> store.retained(topic).stream());
    }

    /** Waits until everything is safe. */
    static void awaitSafe(SessionStore store) {
        safe(store).orTimeout(30, TimeUnit.SECONDS).join();
    }

    static CompletableFuture<Void> safe(SessionStore store) {
        CompletableFuture<Void> safe = new CompletableFuture<>();
        store.whenSafe(new SafeListener() {
            @Override
            public void safe() {
                safe.complete(null);
            }

            @Override
            public void failed(SessionStoreException cause) {
                safe.completeExceptionally(cause);
            }
        });
        return safe;
    }
}
