package io.sluice.broker.door.publish;

import io.netty.util.concurrent.EventExecutor;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.buffer.Admission;
import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.SharedBuffer;
import io.sluice.message.Message;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends messages of a client whose connection has closed, including its will, in order, as soon as the buffer has
 * free space. Nobody waits for an answer. When the broker itself closes, only those are appended that need not wait. Those
 * that the buffer cannot take are dropped: the client's next connection waits for the end of all.
 *
 * <p>Belongs to the connection's event loop.
 */
final class DeferredAppends {

    private static final Logger LOG = LoggerFactory.getLogger(DeferredAppends.class);

    private final SharedBuffer buffer;
    private final EventExecutor executor;
    private final Runnable whenAppended;
    private final Deque<Message> pending = new ArrayDeque<>();
    private boolean ended;
    private boolean waiting;

    /** @param whenAppended called once, after {@link #end}, when all are in the buffer */
    DeferredAppends(SharedBuffer buffer, EventExecutor executor, Runnable whenAppended) {
        this.buffer = buffer;
        this.executor = executor;
        this.whenAppended = whenAppended;
    }

    /** Appends messages that own their payloads. */
    void append(List<Message> messages) {
        pending.addAll(messages);
        appendPending();
    }

    void end() {
        ended = true;
        appendPending();
    }

    private void appendPending() {
        try {
            appendWhatFits();
        } catch (RuntimeException | Error e) {
            LOG.error("{} last messages of a client that is gone cannot be captured", pending.size(), e);
            pending.clear();
            waiting = false;
        }
        if (ended && pending.isEmpty()) {
            ended = false;
            whenAppended.run();
        }
    }

    private void appendWhatFits() {
        while (!pending.isEmpty() && !waiting) {
            Admission admission = buffer.append(List.copyOf(pending), AppendListener.NONE);
            for (int i = admission.settled(); i > 0; i--) {
                pending.remove();
            }
            if (admission.rest() == Rest.WAIT) {
                if (executor.isShuttingDown()) {
                    pending.clear();
                    break;
                }
                waiting = true;
                buffer.whenFree(() -> EventLoopCall.on(executor, () -> {
                    waiting = false;
                    appendPending();
                }));
            }
        }
    }
}
