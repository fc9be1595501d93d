package io.sluice.broker;

import io.netty.util.concurrent.EventExecutor;
import io.sluice.buffer.Admission;
import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.SharedBuffer;
import io.sluice.message.Message;
import java.util.List;

/**
 * Messages of a client whose connection is gone, with nobody left to answer: they go into the buffer as soon as it has
 * room, in order. When the broker itself is being closed, those that find room at once do.
 */
final class LastWords {

    private final SharedBuffer buffer;
    private final EventExecutor executor;

    LastWords(SharedBuffer buffer, EventExecutor executor) {
        this.buffer = buffer;
        this.executor = executor;
    }

    /** Appends messages that own their payloads. */
    void append(List<Message> messages) {
        List<Message> rest = messages;
        while (!rest.isEmpty()) {
            Admission admission = buffer.append(rest, AppendListener.NONE);
            rest = rest.subList(admission.settled(rest.size()), rest.size());
            if (admission.rest() == Rest.WAIT) {
                wait(rest);
                return;
            }
        }
    }

    private void wait(List<Message> rest) {
        if (!executor.isShuttingDown()) {
            buffer.whenRoom(() -> LateCall.on(executor, () -> append(rest)));
        }
    }
}
