package io.sluice.broker.server;

import io.sluice.buffer.Admission;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.SharedBuffer;
import io.sluice.message.Message;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages on their way into a buffer that may be full, in order. Moquette queues in the heap, without bound, what its
 * handlers do not take at once; so whoever appends here never waits. What waits is bounded, and the rest is dropped.
 * Thread-safe.
 */
final class WaitingMessages {

    private static final Logger LOG = LoggerFactory.getLogger(WaitingMessages.class);

    /** Besides its payload and its topic, of a message. */
    private static final int OVERHEAD = 300;

    private final SharedBuffer buffer;
    private final long mostBytes;
    private final Deque<Message> waiting = new ArrayDeque<>();
    private long bytes;
    private long dropped;
    private boolean isAwaited;

    /** @param mostBytes how much memory those that wait may hold, about */
    WaitingMessages(SharedBuffer buffer, long mostBytes) {
        this.buffer = buffer;
        this.mostBytes = mostBytes;
    }

    synchronized void append(Message message) {
        if (bytes + bytes(message) <= mostBytes) {
            waiting.add(message);
            bytes += bytes(message);
        } else if (dropped++ == 0) {
            LOG.error(
                    "The buffer is full, and so is the memory for messages that wait for it: messages that Moquette has"
                            + " acknowledged are dropped until the buffer has space");
        }
        appendWhatFits();
    }

    private void appendWhatFits() {
        for (Message next = waiting.peek(); next != null; next = waiting.peek()) {
            if (mustWait(next)) {
                awaitSpace();
                return;
            }
            waiting.remove();
            bytes -= bytes(next);
        }
        if (dropped > 0) {
            LOG.warn("The buffer takes messages of Moquette again; {} were dropped", dropped);
            dropped = 0;
        }
    }

    /** One that the buffer can never take must not stay in front of the others. */
    private boolean mustWait(Message message) {
        try {
            return buffer.append(List.of(message), AppendListener.NONE).rest() == Admission.Rest.WAIT;
        } catch (RuntimeException | Error e) {
            LOG.warn("A message of client {} is not captured: {}", message.clientId(), e.toString());
            return false;
        }
    }

    private void awaitSpace() {
        if (!isAwaited) {
            isAwaited = true;
            buffer.whenFree(this::goOn);
        }
    }

    private synchronized void goOn() {
        isAwaited = false;
        appendWhatFits();
    }

    private static long bytes(Message message) {
        return OVERHEAD + 2L * message.topic().length() + message.payload().remaining();
    }
}
