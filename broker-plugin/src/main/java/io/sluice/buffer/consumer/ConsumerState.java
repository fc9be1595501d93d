package io.sluice.buffer.consumer;

import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.recovery.Checkpoints;
import io.sluice.message.TopicFilter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the buffer knows of one connector, whether it is attached or not. Guarded by the lock of {@link ConsumerRegistry}.
 *
 * <p>The run of an attachment is its number, some random bytes, and the authentication code of both under a key of the
 * consumer. So the buffer recognises every run it ever gave to this consumer, however old, and need not remember them: a
 * lane that was quiet through many restarts keeps its offset. A consumer that is forgotten takes its key with it.
 *
 * <p>Attachments are numbered in the order in which they were made, and of each lane it is remembered, also across
 * restarts, who got it last. So one that was cut off can be told from one that has been followed by another.
 */
final class ConsumerState {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int KEY_BYTES = 16;
    private static final int RANDOM_BYTES = 5;
    private static final int IDENTIFIER_BYTES = Integer.BYTES + RANDOM_BYTES;
    private static final int CODE_BYTES = 9;

    final String name;
    final byte[] key;
    final long[] acknowledged;
    final List<LaneHold> attachments = new ArrayList<>();
    List<TopicFilter> filters;
    AckMode ackMode;
    Lanes lanesWithStoredOffsets;
    long unattachedMs;
    Doubts doubts;

    /** Its bit in a set of consumers, 0 to 63, which is its own as long as there are not more than that. */
    final int place;

    /** The number of the change with which it came; 0 if it was known at the opening. */
    long registeredAt;

    /** The number of its last change, as {@link Checkpoints} counts them; 0 if it has not changed since the opening. */
    long changedAt;

    /** What it and its attachments want captured; nothing once it has expired. */
    List<Interests.Wish> wishes = List.of();

    private final int[] holders;
    private int numbered;

    ConsumerState(StoredConsumer saved, int place) {
        this(saved.name(), saved, place);
    }

    private ConsumerState(String name, StoredConsumer saved, int place) {
        this.name = name;
        this.place = place;
        key = saved.key().clone();
        acknowledged = new long[Lanes.COUNT];
        Arrays.setAll(acknowledged, saved.acknowledged()::at);
        filters = saved.filters();
        ackMode = saved.ackMode();
        lanesWithStoredOffsets = saved.lanesWithStoredOffsets();
        unattachedMs = saved.unattachedMs();
        holders = saved.holders().clone();
        numbered = saved.attachments();
        doubts = saved.doubts();
    }

    /** A consumer that comes for the first time, and has all before a position behind it. */
    static ConsumerState register(AttachRequest spec, long position, long change, int place) {
        byte[] key = new byte[KEY_BYTES];
        RANDOM.nextBytes(key);
        ConsumerState consumer = new ConsumerState(
                new StoredConsumer(
                        spec.name(),
                        key,
                        spec.filters(),
                        spec.ackMode(),
                        LanePositions.all(position - 1),
                        Lanes.NONE,
                        0,
                        0,
                        new int[Lanes.COUNT],
                        Doubts.NONE),
                place);
        consumer.registeredAt = change;
        return consumer;
    }

    StoredConsumer save() {
        return new StoredConsumer(
                name,
                key.clone(),
                filters,
                ackMode,
                acknowledged(),
                lanesWithStoredOffsets,
                unattachedMs,
                numbered,
                holders.clone(),
                doubts);
    }

    /** The same under another name, for which Kafka Connect holds no offset. */
    ConsumerState renamed(String to) {
        ConsumerState renamed = new ConsumerState(to, save(), place);
        renamed.lanesWithStoredOffsets = Lanes.NONE;
        return renamed;
    }

    LanePositions acknowledged() {
        return LanePositions.of(lane -> acknowledged[lane]);
    }

    /** One of its attachments has come so far, though no further than a position. */
    void advance(LaneHold by, LanePositions to, long highest) {
        by.lanes().stream().forEach(lane -> {
            long position = Math.min(to.at(lane), highest);
            acknowledged[lane] = Math.max(acknowledged[lane], position);
            by.advance(lane, position);
        });
    }

    /** By lane, the last position that it does not need any more. */
    long[] handled() {
        long[] handled = new long[Lanes.COUNT];
        Arrays.setAll(handled, this::handledIn);
        return handled;
    }

    private long handledIn(int lane) {
        long handled = acknowledged[lane];
        for (LaneHold attachment : attachments) {
            handled = attachment.handledIn(lane, handled);
        }
        return handled;
    }

    /** The first position it may still need. */
    long floor() {
        long lowest = Long.MAX_VALUE;
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            lowest = Math.min(lowest, handledIn(lane));
        }
        return lowest + 1;
    }

    boolean isAttached() {
        return !attachments.isEmpty();
    }

    String newRun() {
        int number = ++numbered;
        byte[] random = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(random);
        byte[] identifier =
                ByteBuffer.allocate(IDENTIFIER_BYTES).putInt(number).put(random).array();
        return sealed(identifier);
    }

    void hold(String run, Lanes lanes) {
        lanes.stream().forEach(lane -> holders[lane] = number(run));
    }

    /** Whether the attachment of a run, one of this consumer's own, is the last that was given these lanes, or newer. */
    boolean isNewest(String run, Lanes lanes) {
        int number = number(run);
        return lanes.stream().noneMatch(lane -> holders[lane] > number);
    }

    static boolean isFirst(String run) {
        return number(Run.of(run).attachment()) == 1;
    }

    private static int number(String run) {
        return ByteBuffer.wrap(Base64.getUrlDecoder().decode(run)).getInt();
    }

    boolean isOwnRun(String run) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(run);
        } catch (IllegalArgumentException notOurs) {
            return false;
        }
        if (bytes.length != IDENTIFIER_BYTES + CODE_BYTES) {
            return false;
        }
        byte[] identifier = Arrays.copyOf(bytes, IDENTIFIER_BYTES);
        return MessageDigest.isEqual(
                sealed(identifier).getBytes(StandardCharsets.US_ASCII), run.getBytes(StandardCharsets.UTF_8));
    }

    /** An identifier as a text, with its authentication code. */
    private String sealed(byte[] identifier) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            ByteBuffer bytes = ByteBuffer.allocate(IDENTIFIER_BYTES + CODE_BYTES)
                    .put(identifier)
                    .put(mac.doFinal(identifier), 0, CODE_BYTES);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }
}
