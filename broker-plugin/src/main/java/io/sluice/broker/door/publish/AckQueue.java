package io.sluice.broker.door.publish;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.util.concurrent.EventExecutor;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.session.SafeListener;
import io.sluice.broker.session.SessionStore;
import io.sluice.broker.session.SessionStoreException;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.record.BufferException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers that one connection's publishes wait for, in the order in which the publishes came ([MQTT-4.6.0-2],
 * [MQTT-4.6.0-3]).
 *
 * <p>Publishes that were appended together share a {@link Batch}, which the buffer settles on a separate thread; so do
 * releases, which wait for the disk alone and are not held up by publishes. All batches settled by then leave in one
 * flush. Everything but the two methods of {@link AppendListener} belongs to the
 * connection's event loop.
 */
final class AckQueue {

    private static final Logger LOG = LoggerFactory.getLogger(AckQueue.class);

    private final EventExecutor executor;
    private final UnreleasedIds.Session session;
    private final Client client;
    private final Deque<Batch> publishes = new ArrayDeque<>();
    private final Deque<Batch> releases = new ArrayDeque<>();
    private final AtomicBoolean releaseIsDue = new AtomicBoolean();

    /** To the client; null once the connection is gone: what waits for Kafka must not hold all that belongs to it. */
    private @Nullable Way way;

    private int unanswered;

    private record Way(ChannelHandlerContext ctx, Runnable whenAnswered) {}

    /** @param whenAnswered runs on the event loop when answers have left */
    AckQueue(ChannelHandlerContext ctx, UnreleasedIds.Session session, Client client, Runnable whenAnswered) {
        this.executor = ctx.executor();
        this.session = session;
        this.client = client;
        this.way = new Way(ctx, whenAnswered);
    }

    /** A new batch of answers to publishes, after all others. Nothing is sent before it is settled. */
    Batch open() {
        return open(publishes);
    }

    /** A new batch of answers to releases, after others of its kind. */
    Batch openReleases() {
        return open(releases);
    }

    private Batch open(Deque<Batch> queue) {
        Batch batch = new Batch(queue);
        queue.add(batch);
        return batch;
    }

    /** How many publishes of QoS 1 and 2, and releases, have no answer yet. */
    int unanswered() {
        return unanswered;
    }

    /** How many batches wait, or stand behind one that does. */
    int batches() {
        return publishes.size() + releases.size();
    }

    /** The connection is gone, and with it the answers; identifiers of QoS 2 are settled as before. */
    void leave() {
        way = null;
        unanswered = 0;
        publishes.forEach(batch -> batch.answers.clear());
        releases.forEach(batch -> batch.answers.clear());
    }

    /** Sends what may be sent. */
    void release() {
        releaseIsDue.set(false);
        Way to = way;
        boolean wrote = write(publishes, to);
        wrote |= write(releases, to);
        if (wrote && to != null) {
            to.ctx().flush();
            to.whenAnswered().run();
        }
    }

    private boolean write(Deque<Batch> queue, @Nullable Way to) {
        boolean wrote = false;
        for (Batch head = queue.peek(); head != null && head.outcome != Outcome.OPEN; head = queue.peek()) {
            queue.remove();
            head.settleIds();
            unanswered -= head.answers.size();
            if (to != null && head.outcome == Outcome.SAFE) {
                head.answers.forEach(to.ctx()::write);
                wrote |= !head.answers.isEmpty();
            } else if (to != null) {
                // Not acknowledged, so the client sends them again when it is back.
                to.ctx().close();
            }
        }
        return wrote;
    }

    private void releaseInTurn() {
        if (way == null) {
            release();
        } else {
            EventLoopCall.run(way.ctx().channel(), this::release);
        }
    }

    private void scheduleRelease(Batch settled) {
        if (releaseIsDue.compareAndSet(false, true)) {
            try {
                executor.execute(this::releaseInTurn);
            } catch (RejectedExecutionException e) {
                LOG.debug("{} is gone with its broker before its publishes were answered", client.id(), e);
                settled.settleIds();
            } catch (RuntimeException | Error e) {
                releaseIsDue.set(false); // the next one that is settled takes this one with it
                throw e;
            }
        }
    }

    private enum Outcome {
        OPEN,
        SAFE,
        /** The buffer has what was captured, and the session store perhaps not what waits for subscribers. */
        UNDELIVERED,
        FAILED
    }

    /** Answers that wait for the same thing. */
    final class Batch implements AppendListener {

        private final List<MqttMessage> answers = new ArrayList<>();
        private final List<UnreleasedIds.Id> ids = new ArrayList<>(0);
        private final List<UnreleasedIds.Id> repeats = new ArrayList<>(0);
        private final AtomicBoolean isInBuffer = new AtomicBoolean();
        private final Deque<Batch> queue;
        private final List<CompletionStage<?>> deliveries = new ArrayList<>(0);

        /** The buffer, and whoever fills this batch. */
        private final AtomicInteger awaited = new AtomicInteger(2);

        private volatile Outcome outcome = Outcome.OPEN;

        private boolean isUndelivered;

        /** Of a batch that has failed: how many of its messages are in the buffer all the same, the first ones. */
        private volatile int inBuffer;

        private Batch(Deque<Batch> queue) {
            this.queue = queue;
        }

        /** Adds an answer that only informs the client. */
        void answer(MqttMessage answer) {
            if (way != null) {
                answers.add(answer);
                unanswered++;
            }
        }

        /** Adds the answer to a QoS 2 publish, or to its release; its identifier is settled with this batch. */
        void answer(MqttMessage answer, UnreleasedIds.Id id) {
            answer(answer);
            ids.add(id);
        }

        /** Adds the answer to a QoS 2 publish that was sent again. */
        void answerRepeat(MqttMessage answer, UnreleasedIds.Id id) {
            answer(answer);
            repeats.add(id);
        }

        private void settleIds() {
            if (queue == publishes) {
                session.settleRepeats(repeats);
                if (outcome == Outcome.SAFE) {
                    session.settle(ids, true);
                } else {
                    int captured = outcome == Outcome.UNDELIVERED ? Integer.MAX_VALUE : inBuffer;
                    session.settleUndelivered(
                            ids.stream().filter(id -> id.place <= captured).toList());
                    session.settle(
                            ids.stream().filter(id -> id.place > captured).toList(), false);
                }
            } else {
                session.settleReleases(ids, outcome == Outcome.SAFE);
            }
        }

        /** What this batch answers was delivered to sessions, or retained, which must be on disk when that is done. */
        void waitFor(CompletionStage<?> delivery) {
            deliveries.add(delivery);
        }

        /**
         * Waits until the broker remembers what was delivered to sessions that are kept, and what was retained.
         *
         * @param turnedAway what {@link SessionStore#turnedAway} said before the first of it
         */
        void awaitStore(SessionStore store, long turnedAway) {
            if (deliveries.isEmpty()) {
                return;
            }
            awaited.incrementAndGet();
            CompletableFuture.allOf(deliveries.stream()
                            .map(CompletionStage::toCompletableFuture)
                            .toArray(CompletableFuture<?>[]::new))
                    // A delivery that failed has cost its subscriber the connection; the publisher is to be answered.
                    .whenComplete((done, failure) -> store.whenSafe(new SafeListener() {
                        @Override
                        public void safe() {
                            isUndelivered = store.turnedAway() != turnedAway;
                            conditionMet();
                        }

                        @Override
                        public void failed(SessionStoreException cause) {
                            isUndelivered = true;
                            conditionMet();
                        }
                    }));
        }

        /** Whether nobody is told, and no identifier settled, when the buffer has what this batch stands for. */
        boolean isEmpty() {
            return answers.isEmpty() && ids.isEmpty() && repeats.isEmpty();
        }

        /** Nothing of this batch waits for the buffer. */
        void settle() {
            if (isInBuffer.compareAndSet(false, true)) {
                awaited.decrementAndGet();
            }
        }

        /**
         * All that this batch answers and waits for has been added: it does not leave before. One that is empty is forgotten, so
         * that such do not pile up behind one that waits.
         *
         * @return whether it waits for nothing any more, so that {@link #release} is due
         */
        boolean complete() {
            if (awaited.decrementAndGet() > 0) {
                return false;
            }
            outcome = outcomeOfAll();
            if (isEmpty() && this == queue.peekLast()) {
                queue.removeLast();
            }
            return true;
        }

        @Override
        public void safe() {
            if (isInBuffer.compareAndSet(false, true)) {
                conditionMet();
            }
        }

        private void conditionMet() {
            if (awaited.decrementAndGet() == 0) {
                outcome = outcomeOfAll();
                scheduleRelease(this);
            }
        }

        private Outcome outcomeOfAll() {
            return isUndelivered ? Outcome.UNDELIVERED : Outcome.SAFE;
        }

        @Override
        public void failed(BufferException cause) {
            fail();
        }

        @Override
        public void failed(BufferException cause, int messagesInBuffer) {
            inBuffer = messagesInBuffer;
            fail();
        }

        /** Nothing of this batch is answered, and its identifiers are free again, but for messages that are in the buffer. */
        void fail() {
            outcome = Outcome.FAILED;
            scheduleRelease(this);
        }
    }
}
