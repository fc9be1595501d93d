package io.sluice.connect.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.connect.telemetry.TaskView.Source;
import io.sluice.status.StatusBoard;
import io.sluice.status.TaskStatus.State;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What is left of a task that has failed. */
class TaskViewTest {

    private final StatusBoard board = new StatusBoard();
    private final AtomicBoolean inWorker = new AtomicBoolean(true);

    @Test
    void a_task_that_has_failed_holds_nothing_of_what_it_was() {
        TaskView view = new TaskView(board, "c", 0, inWorker::get);
        WeakReference<Object> held = start(view);
        view.failed(new IllegalStateException("it fails"));
        view.ended();

        awaitGone(held);
        assertThat(view.status().orElseThrow().state()).isEqualTo(State.FAILED);
    }

    @Test
    void a_task_that_has_failed_is_forgotten_when_the_worker_has_it_no_more() {
        awaitGone(showAndForget());
    }

    @Test
    void a_task_that_has_failed_and_is_gone_is_forgotten_when_another_starts_though_nobody_looks() {
        WeakReference<Object> failed = showAndFail();
        board.show(new TaskView(board, "other", 0, () -> true));
        assertThat(failed.get()).as("while the worker has it").isNotNull();

        inWorker.set(false);
        board.show(new TaskView(board, "another", 0, () -> true));

        awaitGone(failed);
    }

    private WeakReference<Object> showAndFail() {
        TaskView view = new TaskView(board, "c", 0, inWorker::get);
        board.show(view);
        view.failed(new IllegalStateException("it fails"));
        view.ended();
        return new WeakReference<>(view);
    }

    private WeakReference<Object> showAndForget() {
        TaskView view = new TaskView(board, "c", 0, inWorker::get);
        board.show(view);
        view.failed(new IllegalStateException("it fails"));
        view.ended();
        inWorker.set(false);
        assertThat(view.status()).isEmpty();
        return new WeakReference<>(view);
    }

    private static WeakReference<Object> start(TaskView view) {
        TaskStats stats = new TaskStats(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        Supplier<TaskStats> supplier = () -> stats;
        view.started(new Source(supplier, Optional::empty, List::of, () -> 0.0));
        return new WeakReference<>(stats);
    }

    private static void awaitGone(WeakReference<Object> reference) {
        await().until(() -> {
            System.gc();
            return reference.get() == null;
        });
    }
}
