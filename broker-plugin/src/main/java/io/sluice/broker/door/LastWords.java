package io.sluice.broker.door;

import io.netty.util.concurrent.EventExecutor;
import io.sluice.buffer.Admission;
import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.SharedBuffer;
import io.sluice.message.Message;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Messages of a client whose connection is gone, with nobody left to answer: they go into the buffer as soon as it has
 * room, in order. When the broker itself is being closed, those that find room at once do.
 *
 * <p>Belongs to the connection's event loop.
 */
final class LastWords {

    private final SharedBuffer buffer;
    private final EventExecutor executor;
    private final Runnable whenSaid;
    private final Deque<Message> unsaid = new ArrayDeque<>();
    private boolean ended;
    private boolean waiting;

    /** @param whenSaid called once, when all is in the buffer and nothing will come any more */
    LastWords(SharedBuffer buffer, EventExecutor executor, Runnable whenSaid) {
        this.buffer = buffer;
        this.executor = executor;
        this.whenSaid = whenSaid;
    }

    /** Appends messages that own their payloads. */
    void append(List<Message> messages) {
        unsaid.addAll(messages);
        say();
    }

    /** Nothing will come any more. */
    void end() {
        ended = true;
        say();
    }

    private void say() {
        while (!unsaid.isEmpty() && !waiting) {
            List<Message> rest = List.copyOf(unsaid);
            Admission admission = buffer.append(rest, AppendListener.NONE);
            for (int i = admission.settled(rest.size()); i > 0; i--) {
                unsaid.remove();
            }
            if (admission.rest() == Rest.WAIT) {
                if (executor.isShuttingDown()) {
                    unsaid.clear();
                    break;
                }
                waiting = true;
                buffer.whenFree(() -> LateCall.on(executor, () -> {
                    waiting = false;
                    say();
                }));
            }
        }
        if (ended && unsaid.isEmpty()) {
            ended = false;
            whenSaid.run();
        }
    }
}
