package io.sluice.status;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Waits for an event of the kind that was asked for, until the time is over. For the thread of its loop. */
final class EventWait {

    private final EventExecutor loop;
    private final StatusAnswers answers;
    private final Question question;
    private final Runnable then;
    private final Runnable bell = this::ring;
    private @Nullable Future<?> timer;
    private boolean over;

    /** @param then is run in the end, once */
    EventWait(EventExecutor loop, StatusAnswers answers, Question question, Runnable then) {
        this.loop = loop;
        this.answers = answers;
        this.question = question;
        this.then = then;
    }

    void begin(long waitMs) {
        timer = loop.schedule(this::conclude, waitMs, TimeUnit.MILLISECONDS);
        look();
    }

    private void look() {
        if (over) {
            return;
        }
        answers.events().atNext(bell);
        if (!answers.hasNoEvents(question)) {
            conclude();
        }
    }

    /** On the thread that tells of the event. */
    private void ring() {
        try {
            loop.execute(this::look);
        } catch (RejectedExecutionException closed) {
            // Closed with the listener: the wait has ended.
        }
    }

    private void conclude() {
        if (!over) {
            end();
            then.run();
        }
    }

    /** Ends the wait. Idempotent. */
    void end() {
        over = true;
        answers.events().forget(bell);
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
