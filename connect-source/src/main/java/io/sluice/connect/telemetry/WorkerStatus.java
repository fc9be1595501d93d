package io.sluice.connect.telemetry;

import io.sluice.status.ShownProcess;
import io.sluice.status.ShownProcess.Role;
import io.sluice.status.StatusBoard;
import io.sluice.status.StatusConfig;
import io.sluice.status.StatusException;
import io.sluice.status.StatusListener;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.connect.errors.ConnectException;

/** A connector's, or a task's, share of the listener at which this worker serves its status. Thread-safe. */
public final class WorkerStatus implements AutoCloseable {

    private static final AtomicBoolean WORKER_SHOWN = new AtomicBoolean();

    private final Optional<StatusListener> listener;

    private WorkerStatus(Optional<StatusListener> listener) {
        this.listener = listener;
    }

    /**
     * Joins the listener, if there is to be one.
     *
     * @param version of the connector
     * @throws ConnectException if another connector serves the status at that address with other settings, or a file
     *     cannot be used
     */
    public static WorkerStatus serve(Optional<StatusConfig> config, String connector, String version) {
        if (config.isPresent() && WORKER_SHOWN.compareAndSet(false, true)) {
            StatusBoard.shared().show(WorkerMetrics::samples);
        }
        try {
            return new WorkerStatus(config.map(wanted -> StatusListener.acquireWhenFree(
                    wanted,
                    new ShownProcess(Role.WORKER, version),
                    warning -> ConnectorEvents.shared().warned(connector, warning))));
        } catch (StatusException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    /** Leaves the listener, which closes with its last user. Idempotent. */
    @Override
    public void close() {
        listener.ifPresent(StatusListener::close);
    }
}
