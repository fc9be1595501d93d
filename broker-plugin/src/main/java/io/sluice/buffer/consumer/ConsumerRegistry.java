package io.sluice.buffer.consumer;

import io.sluice.buffer.consumer.Interests.Wish;
import io.sluice.buffer.log.Log;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.recovery.Checkpoint;
import io.sluice.buffer.recovery.Checkpoints;
import io.sluice.buffer.recovery.Openings;
import io.sluice.message.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who drains the buffer: those attached, and those remembered, for whom capture goes on until they have been away for
 * {@code buffer.consumer.expiry.ms}. Thread-safe.
 */
public final class ConsumerRegistry {

    /** Of more that have expired, those are forgotten that had come least far: nobody may ever use their names again. */
    public static final int MOST_EXPIRED = 100;

    record Held(ConsumerState consumer, LaneHold hold) {}

    /**
     * What has changed as time went by.
     *
     * @param expired who holds nothing back any more
     * @param forgotten whom the buffer does not know any more
     */
    public record Elapsed(List<String> expired, List<String> forgotten) {}

    private final Log log;
    private final long expiryMs;
    private final Runnable onProgress;
    private final Runnable onLessWanted;
    private final Checkpoints checkpoints;
    private final Openings openings;
    private final Map<String, ConsumerState> byName = new TreeMap<>();

    /** Who was forgotten, and by which change, until the files of both checkpoints say so. */
    private final Map<String, Long> forgotten = new HashMap<>();

    private long savedSince = -1;

    private volatile Interests interests = new Interests(List.of());
    private volatile boolean attached;
    private volatile boolean deliveryWanted;
    private boolean closed;

    /**
     * The consumers of a buffer that has been opened.
     *
     * @param expiry how long a consumer may be away before it holds nothing back; zero: for ever
     * @param saved who is remembered
     * @param onProgress called after each acknowledgement; must be cheap
     * @param onLessWanted called when a consumer or an attachment may no longer hold back what it did; must be cheap, and
     *     take no lock of consumers
     * @param checkpoints hears when there is something to remember
     * @param openings of which the last one is the present one
     */
    public ConsumerRegistry(
            Log log,
            Duration expiry,
            List<StoredConsumer> saved,
            Runnable onProgress,
            Runnable onLessWanted,
            Checkpoints checkpoints,
            Openings openings) {
        this.log = log;
        this.expiryMs = expiry.toMillis();
        this.onProgress = onProgress;
        this.onLessWanted = onLessWanted;
        this.checkpoints = checkpoints;
        this.openings = openings;
        for (StoredConsumer one : saved) {
            ConsumerState consumer = new ConsumerState(one, place());
            byName.put(one.name(), consumer);
            consumer.wishes = wishes(consumer);
        }
        wishesChanged();
    }

    /**
     * Attaches a consumer. It drains nothing and fences nobody before it says where reading begins: a request that a network
     * has held up may come when its sender has long given up, and another attachment drains the lanes.
     *
     * @param registration the position at which a consumer registers that the buffer does not know
     */
    synchronized Held attach(AttachRequest request, long registration) {
        requireOpen();
        ConsumerState consumer = byName.computeIfAbsent(
                request.name(),
                name -> ConsumerState.register(request, registration, checkpoints.nextChange(), place()));
        return attach(consumer, request, consumer.newRun(), Long.MAX_VALUE);
    }

    /** The place of a new consumer: one that nobody has, or, of more consumers than places, one that few have. */
    private int place() {
        int[] takers = new int[Delivered.PLACES];
        byName.values().forEach(consumer -> takers[consumer.place]++);
        int fewest = 0;
        for (int place = 1; place < takers.length; place++) {
            fewest = takers[place] < takers[fewest] ? place : fewest;
        }
        return fewest;
    }

    /** Attaches a consumer again under its run, after its attachment was cut off. */
    synchronized Held resume(AttachRequest request, Run run) {
        requireOpen();
        ConsumerState consumer = byName.get(request.name());
        if (consumer == null || !consumer.isOwnRun(run.attachment())) {
            throw new BufferException("the buffer does not know the attachment of '" + request.name()
                    + "' that should go on: the consumer was forgotten meanwhile");
        }
        if (!consumer.isNewest(run.attachment(), request.lanes())) {
            throw new LaneHold(request, run, 0).fenced();
        }
        return attach(consumer, request, run.attachment(), endOf(run));
    }

    /** No reader has read this position or a later one under the run; {@link Long#MAX_VALUE} if unknown. */
    private long endOf(Run run) {
        return run.opening().isEmpty()
                ? Long.MAX_VALUE
                : openings.end(run.opening().getAsLong()).orElse(log.start());
    }

    private void requireOpen() {
        if (closed) {
            throw new BufferClosedException();
        }
    }

    private Held attach(ConsumerState consumer, AttachRequest request, String run, long readBefore) {
        consumer.unattachedMs = 0;
        LaneHold hold = new LaneHold(request, new Run(run, OptionalLong.of(openings.presentId())), readBefore);
        Held held = new Held(consumer, hold);
        consumer.attachments.add(hold);
        attached = true;
        try {
            changed(consumer);
        } catch (RuntimeException | Error e) {
            takeBack(held);
            throw e;
        }
        return held;
    }

    /**
     * Gives an attachment its lanes, and takes them from whoever drains them.
     *
     * @param handled by lane, the last position that it does not need to be kept
     * @return up to where the consumer has, or does not need, everything
     * @throws FencedException if a newer attachment was given one of them
     */
    synchronized LanePositions begin(Held held, LanePositions handled) {
        ConsumerState consumer = held.consumer();
        LaneHold hold = held.hold();
        String run = hold.run.attachment();
        if (!consumer.isNewest(run, hold.lanes())) {
            hold.fence();
            detach(held);
            throw hold.fenced();
        }
        for (LaneHold other : List.copyOf(consumer.attachments)) {
            if (other.hasBegun() && other.lanes().intersects(hold.lanes())) {
                other.fence();
                consumer.attachments.remove(other);
            }
        }
        consumer.hold(run, hold.lanes());
        consumer.filters = hold.request.filters();
        consumer.ackMode = hold.request.ackMode();
        hold.beginAt(handled);
        changed(consumer);
        onLessWanted.run();
        return consumer.acknowledged();
    }

    /** Makes safe what has changed; returns whether the disk took it. Waits for the disk. */
    public boolean save() {
        return checkpoints.save();
    }

    /** What is known of a run that the source offset of a consumer carries. */
    public synchronized Run.Standing standing(String name, Run run) {
        ConsumerState consumer = byName.get(name);
        return new Run.Standing(consumer != null && consumer.isOwnRun(run.attachment()), endOf(run));
    }

    /** Detaches whoever has not ended yet. */
    synchronized void close(Held held) {
        if (held.hold().state() == LaneHold.State.OPEN) {
            held.hold().end(LaneHold.State.CLOSED);
            detach(held);
        }
    }

    private void detach(Held held) {
        ConsumerState consumer = held.consumer();
        consumer.attachments.remove(held.hold());
        if (!consumer.isAttached()) {
            attached = byName.values().stream().anyMatch(ConsumerState::isAttached);
        }
        changed(consumer);
        onLessWanted.run();
    }

    /** Makes an attachment safe. Undoes it if that fails, or if the disk does not take a consumer that it does not have yet. */
    boolean keep(Held held) {
        boolean kept = false;
        try {
            kept = save() || isRemembered(held.consumer());
            return kept;
        } finally {
            if (!kept) {
                takeBack(held);
            }
        }
    }

    private boolean isRemembered(ConsumerState consumer) {
        return checkpoints.isSaved(consumer.registeredAt);
    }

    /** Undoes an attachment, and forgets its consumer if nobody else is attached and no checkpoint has it. */
    synchronized void takeBack(Held held) {
        close(held);
        if (!held.consumer().isAttached() && !isRemembered(held.consumer())) {
            forget(held.consumer().name);
        }
    }

    /**
     * Forgets a consumer; returns whether it was known.
     *
     * @throws BufferException if it is attached
     */
    public synchronized boolean forget(String name) {
        ConsumerState consumer = byName.get(name);
        if (consumer == null) {
            return false;
        }
        if (consumer.isAttached()) {
            throw new BufferException("consumer '" + name + "' is attached; stop the connector before it is forgotten");
        }
        remove(name);
        wishesChanged();
        onLessWanted.run();
        return true;
    }

    private void remove(String name) {
        byName.remove(name);
        forgotten.put(name, checkpoints.changed());
    }

    /**
     * Gives all that waits for a consumer to one that is new; returns false if there is nothing to give, or nobody new.
     *
     * @throws BufferException if the consumer is attached
     */
    public synchronized boolean takeOver(String from, String to) {
        requireOpen();
        ConsumerState consumer = byName.get(from);
        if (consumer == null || byName.containsKey(to)) {
            return false;
        }
        if (consumer.isAttached()) {
            throw new BufferException("consumer '" + from + "' is attached; stop that connector before '" + to
                    + "' takes over what waits for it");
        }
        remove(from);
        ConsumerState renamed = consumer.renamed(to);
        byName.put(to, renamed);
        changed(renamed);
        return true;
    }

    private void changed(ConsumerState consumer) {
        consumer.changedAt = checkpoints.changed();
        List<Wish> wishes = wishes(consumer);
        if (!wishes.equals(consumer.wishes)) {
            consumer.wishes = wishes;
            wishesChanged();
        }
    }

    private void wishesChanged() {
        deliveryWanted = byName.values().stream().anyMatch(this::wantsDelivery);
        List<Wish> all = byName.values().stream()
                .flatMap(consumer -> consumer.wishes.stream())
                .toList();
        if (!all.equals(interests.wishes())) {
            interests = new Interests(all);
        }
    }

    private boolean wantsDelivery(ConsumerState consumer) {
        return !isExpired(consumer) && consumer.ackMode == AckMode.DELIVERED;
    }

    public boolean anyWantsDelivery() {
        return deliveryWanted;
    }

    /**
     * Who wants one of these messages delivered before it is acknowledged: a set that {@link Delivered} understands; 0 if
     * nobody does. Takes no lock.
     */
    public long wantDelivered(List<Message> messages) {
        return deliveryWanted ? interests.wantDelivered(messages) : 0;
    }

    /** How far those have come who want messages delivered. */
    public synchronized Delivered delivered() {
        return new Delivered(
                byName.values().stream().filter(this::wantsDelivery).toList());
    }

    public synchronized boolean anyKnown() {
        return !byName.isEmpty();
    }

    /** Whether anybody is attached. Takes no lock. */
    public boolean anyAttached() {
        return attached;
    }

    /** Called for each message, on the threads that serve devices: takes no lock. */
    public Interest interest(String topic) {
        return interests.of(topic);
    }

    private List<Wish> wishes(ConsumerState consumer) {
        if (isExpired(consumer)) {
            return List.of();
        }
        Stream<Wish> ofAttachments = consumer.attachments.stream()
                .map(hold -> Wish.of(hold.request.filters(), hold.request.ackMode(), consumer.place));
        return Stream.concat(Stream.of(Wish.of(consumer.filters, consumer.ackMode, consumer.place)), ofAttachments)
                .distinct()
                .toList();
    }

    private boolean isExpired(ConsumerState consumer) {
        return expiryMs > 0 && consumer.unattachedMs >= expiryMs;
    }

    /** Counts time that the buffer was open, in milliseconds, against those who are not attached. */
    public synchronized Elapsed elapse(long millis) {
        List<String> expired = new ArrayList<>();
        for (ConsumerState consumer : byName.values()) {
            if (!consumer.isAttached() && !isExpired(consumer)) {
                consumer.unattachedMs += millis;
                consumer.changedAt = checkpoints.nextChange();
                if (isExpired(consumer)) {
                    expired.add(consumer.name);
                    changed(consumer);
                }
            }
        }
        if (!expired.isEmpty()) {
            onLessWanted.run();
        }
        return new Elapsed(expired, forgetTooMany());
    }

    private List<String> forgetTooMany() {
        List<String> names = byName.values().stream()
                .filter(this::isExpired)
                .sorted(Comparator.comparingLong(ConsumerState::floor).reversed())
                .skip(MOST_EXPIRED)
                .map(consumer -> consumer.name)
                .toList();
        names.forEach(this::remove);
        return names;
    }

    synchronized int namesForgotten() {
        return forgotten.size();
    }

    /** The first position that somebody who has not expired may still need; {@link Long#MAX_VALUE} if nobody does. */
    public synchronized long floor() {
        return byName.values().stream()
                .filter(consumer -> !isExpired(consumer))
                .mapToLong(ConsumerState::floor)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** Who holds back a position, in words for the operator. */
    public synchronized String holders(long position) {
        String holders = byName.values().stream()
                .filter(consumer -> !isExpired(consumer) && consumer.floor() <= position)
                .map(consumer -> "'" + consumer.name + "'"
                        + (consumer.isAttached()
                                ? ""
                                : " (not attached for " + Duration.ofMillis(consumer.unattachedMs) + ")"))
                .collect(Collectors.joining(", "));
        return holders.isEmpty() ? "nobody" : holders;
    }

    void acknowledge(Held held, LanePositions handled) {
        synchronized (this) {
            if (held.hold().state() != LaneHold.State.OPEN) {
                return;
            }
            held.consumer().advance(held.hold(), handled, log.end() - 1);
            held.consumer().changedAt = checkpoints.changed();
        }
        onProgress.run();
    }

    synchronized void offsetsStored(ConsumerState consumer, Lanes lanes) {
        Lanes all = consumer.lanesWithStoredOffsets.or(lanes);
        if (!all.equals(consumer.lanesWithStoredOffsets)) {
            consumer.lanesWithStoredOffsets = all;
            consumer.changedAt = checkpoints.changed();
        }
    }

    /** Returns whether the doubt is on the disk, or a later attachment has taken over, which knows better. */
    boolean doubt(Held held, Doubt doubt) {
        synchronized (this) {
            LaneHold hold = held.hold();
            if (!hold.hasBegun() || hold.state() != LaneHold.State.OPEN) {
                return hold.state() == LaneHold.State.FENCED;
            }
            ConsumerState consumer = held.consumer();
            consumer.doubts = consumer.doubts.with(hold.lanes(), doubt);
            consumer.changedAt = checkpoints.changed();
        }
        return save();
    }

    /**
     * Who has changed, or was forgotten, since a change; all there are if it is negative. Of two checkpoints in a row, each
     * is for another file: who was forgotten before both is in neither.
     */
    public synchronized Checkpoint.StoredConsumers save(long since) {
        long inBoth = Math.min(since, savedSince);
        savedSince = since;
        forgotten.values().removeIf(change -> change <= inBoth);
        return StoredConsumer.encode(
                byName.values().stream()
                        .filter(consumer -> consumer.changedAt > since)
                        .map(ConsumerState::save)
                        .toList(),
                forgotten.entrySet().stream()
                        .filter(one -> one.getValue() > since && !byName.containsKey(one.getKey()))
                        .map(Map.Entry::getKey)
                        .toList());
    }

    /** Who is attached or remembered, by name. */
    public synchronized List<ConsumerStats> stats() {
        return byName.values().stream()
                .map(consumer ->
                        new ConsumerStats(consumer.name, consumer.isAttached(), isExpired(consumer), consumer.floor()))
                .toList();
    }

    /** Ends all attachments: the buffer closes. */
    public synchronized void close() {
        closed = true;
        for (ConsumerState consumer : byName.values()) {
            consumer.attachments.forEach(hold -> hold.end(LaneHold.State.BUFFER_CLOSED));
            consumer.attachments.clear();
        }
        attached = false;
        log.wakeReaders(Lanes.ALL);
    }
}
