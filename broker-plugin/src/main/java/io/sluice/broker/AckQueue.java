package io.sluice.broker;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.BufferException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers that one connection's publishes wait for, in the order in which the publishes came ([MQTT-4.6.0-2],
 * [MQTT-4.6.0-3]).
 *
 * <p>Publishes that were appended together share a {@link Batch}, which the buffer settles on a thread of its own. All
 * batches settled by then leave in one flush. Everything but the two methods of {@link AppendListener} belongs to the
 * connection's event loop.
 */
final class AckQueue {

    private static final Logger LOG = LoggerFactory.getLogger(AckQueue.class);

    private final ChannelHandlerContext ctx;
    private final UnreleasedIds unreleasedIds;
    private final Client client;
    private final Deque<Batch> batches = new ArrayDeque<>();
    private final AtomicBoolean releaseIsDue = new AtomicBoolean();
    private int unanswered;

    AckQueue(ChannelHandlerContext ctx, UnreleasedIds unreleasedIds, Client client) {
        this.ctx = ctx;
        this.unreleasedIds = unreleasedIds;
        this.client = client;
    }

    /** A new batch behind all others. Nothing leaves before it is settled. */
    Batch open() {
        Batch batch = new Batch();
        batches.add(batch);
        return batch;
    }

    /** How many QoS 1 and QoS 2 publishes have no answer yet. */
    int unanswered() {
        return unanswered;
    }

    /** Sends what may be sent. */
    void release() {
        releaseIsDue.set(false);
        boolean wrote = false;
        for (Batch head = batches.peek(); head != null && head.outcome != Outcome.OPEN; head = batches.peek()) {
            batches.remove();
            unanswered -= head.answers.size();
            if (head.outcome == Outcome.SAFE) {
                head.qos2Ids.forEach(id -> unreleasedIds.safe(client.id(), id));
                head.answers.forEach(ctx::write);
                wrote |= !head.answers.isEmpty();
            } else {
                head.qos2Ids.forEach(id -> unreleasedIds.failed(client.id(), id));
                // Not acknowledged, so the client sends them again when it is back.
                ctx.close();
            }
        }
        if (wrote) {
            ctx.flush();
        }
    }

    private void scheduleRelease() {
        if (releaseIsDue.compareAndSet(false, true)) {
            try {
                ctx.executor().execute(this::release);
            } catch (RejectedExecutionException e) {
                LOG.debug("{} is gone with its broker before its publishes were answered", client.id(), e);
            }
        }
    }

    private enum Outcome {
        OPEN,
        SAFE,
        FAILED
    }

    /** Answers that wait for the same thing. */
    final class Batch implements AppendListener {

        private final List<MqttMessage> answers = new ArrayList<>();
        private final List<Integer> qos2Ids = new ArrayList<>(0);
        private volatile Outcome outcome = Outcome.OPEN;

        /** Adds an answer to a QoS 1 publish, or a refusal of a QoS 2 one. */
        void answer(MqttMessage answer) {
            answers.add(answer);
            unanswered++;
        }

        /** Adds the answer to a QoS 2 publish whose identifier is now {@link UnreleasedIds.Progress#PENDING}. */
        void answerQos2(MqttMessage answer, int packetId) {
            answer(answer);
            qos2Ids.add(packetId);
        }

        /** Nothing of this batch waits for the buffer. */
        void settle() {
            outcome = Outcome.SAFE;
        }

        @Override
        public void safe() {
            outcome = Outcome.SAFE;
            scheduleRelease();
        }

        @Override
        public void failed(BufferException cause) {
            outcome = Outcome.FAILED;
            scheduleRelease();
        }
    }
}
