package io.sluice.buffer;

import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.file.Folder;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.TopicFilter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Messages, consumers and reads, as tests write them. */
public final class TestMessages {

    private TestMessages() {}

    public static Message message(String clientId, String topic, String payload) {
        return message(clientId, topic, payload.getBytes(StandardCharsets.UTF_8));
    }

    public static Message message(String clientId, String topic, byte[] payload) {
        return message(clientId, topic, Qos.AT_LEAST_ONCE, 7, payload);
    }

    /** A QoS 2 publish, which takes its packet id. */
    public static Message qos2(String clientId, int packetId, String payload) {
        return message(clientId, "a/b", Qos.EXACTLY_ONCE, packetId, payload.getBytes(StandardCharsets.UTF_8));
    }

    private static Message message(String clientId, String topic, Qos qos, int packetId, byte[] payload) {
        return new Message(
                MessageKind.PUBLISH,
                clientId,
                Optional.empty(),
                Optional.empty(),
                topic,
                qos,
                false,
                false,
                packetId,
                1_700_000_000_000L,
                PublishProperties.NONE,
                ByteBuffer.wrap(payload));
    }

    public static Message message(String payload) {
        return message("device", "a/b", payload);
    }

    public static String text(StoredMessage stored) {
        return StandardCharsets.UTF_8
                .decode(stored.message().payload().duplicate())
                .toString();
    }

    public static AttachRequest spec(String name, String... filters) {
        List<TopicFilter> all = new ArrayList<>();
        for (String filter : filters.length == 0 ? new String[] {"#"} : filters) {
            all.add(TopicFilter.of(filter));
        }
        return new AttachRequest(name, all, AckMode.BUFFERED, Lanes.ALL);
    }

    /** Opens a buffer whose files are in a folder of a test. */
    public static SharedBuffer open(BufferConfig config, Folder folder) {
        return SharedBuffer.open(config, folder);
    }

    /** Appends one message, and returns what becomes of it. */
    public static Outcome append(SharedBuffer buffer, Message message) {
        Outcome outcome = new Outcome();
        Admission admission = buffer.append(List.of(message), outcome);
        if (admission.accepted() != 1) {
            throw new AssertionError("not accepted: " + admission);
        }
        return outcome;
    }

    /** Releases packet ids, and returns what becomes of it. */
    public static Outcome release(SharedBuffer buffer, String clientId, Integer... packetIds) {
        Outcome outcome = new Outcome();
        if (!buffer.release(clientId, List.of(packetIds), outcome)) {
            throw new AssertionError("not accepted");
        }
        return outcome;
    }

    /** Packet ids in use, as the buffer found them when it was opened. */
    public static Map<String, Set<Integer>> unreleased(SharedBuffer buffer) {
        Map<String, Set<Integer>> ids = new TreeMap<>();
        buffer.unreleased().forEach((client, entries) -> ids.put(client, entries.keySet()));
        return ids;
    }

    /** Appends messages that nobody waits for, and waits for space as often as need be. */
    public static void appendAll(SharedBuffer buffer, List<Message> messages) {
        int accepted = 0;
        while (accepted < messages.size()) {
            Admission admission = buffer.append(messages.subList(accepted, messages.size()), AppendListener.NONE);
            accepted += admission.accepted();
            if (admission.rest() == Admission.Rest.WAIT) {
                CompletableFuture<Void> space = new CompletableFuture<>();
                buffer.whenFree(() -> space.complete(null));
                space.orTimeout(20, TimeUnit.SECONDS).join();
            } else if (admission.rest() != Admission.Rest.NONE) {
                throw new AssertionError("not accepted: " + admission);
            }
        }
    }

    /** Messages whose payloads are their numbers. */
    public static List<Message> numbered(int count) {
        return IntStream.range(0, count).mapToObj(i -> message("m" + i)).toList();
    }

    /** Attaches a consumer that reads from where it left off. */
    public static Attachment attach(SharedBuffer buffer, AttachRequest spec) {
        Attachment consumer = buffer.attach(spec);
        consumer.seek(consumer.acknowledged());
        return consumer;
    }

    /** Reads until so many messages came, or none comes any more. */
    public static List<StoredMessage> read(Attachment consumer, int count) throws InterruptedException {
        List<StoredMessage> messages = new ArrayList<>();
        while (messages.size() < count) {
            ReadBatch batch = consumer.read(count - messages.size(), Integer.MAX_VALUE, Duration.ofSeconds(5));
            if (batch.messages().isEmpty() && batch.gaps().isEmpty()) {
                break;
            }
            messages.addAll(batch.messages());
        }
        return messages;
    }

    public static ReadBatch readNow(Attachment consumer) throws InterruptedException {
        return consumer.read(Integer.MAX_VALUE, Integer.MAX_VALUE, Duration.ZERO);
    }

    /** What becomes of an append. */
    public static final class Outcome implements AppendListener {
        private final CompletableFuture<Void> future = new CompletableFuture<>();

        @Override
        public void safe() {
            if (!future.complete(null)) {
                throw new IllegalStateException("told twice");
            }
        }

        @Override
        public void failed(BufferException cause) {
            if (!future.completeExceptionally(cause)) {
                throw new IllegalStateException("told twice");
            }
        }

        public boolean isKnown() {
            return future.isDone();
        }

        public boolean isSafe() {
            return future.isDone() && !future.isCompletedExceptionally();
        }

        /** Waits until it is safe; throws what it failed with. */
        public void awaitSafe() {
            future.orTimeout(20, TimeUnit.SECONDS).join();
        }
    }
}
