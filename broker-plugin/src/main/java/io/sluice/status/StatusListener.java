package io.sluice.status;

import io.sluice.thread.DaemonThreads;
import io.sluice.thread.Repeated;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A user's share of a listener at which the status of this process is served.
 *
 * <p>Users that acquire the same address share one listener, which closes with the last of them. Thread-safe.
 */
public final class StatusListener implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StatusListener.class);

    private static final long PAUSE_SECONDS = 2;

    private static final Map<StatusAddress, Shared> SHARED = new HashMap<>();

    private static final ScheduledExecutorService RETRIES =
            Executors.newSingleThreadScheduledExecutor(new DaemonThreads("sluice-status-retry"));

    private final Shared shared;
    private boolean closed;

    private StatusListener(Shared shared) {
        this.shared = shared;
    }

    interface Opener {
        StatusServer open(StatusConfig config, StatusAnswers answers) throws IOException;
    }

    private static StatusServer start(StatusConfig config, StatusAnswers answers) throws IOException {
        return StatusServer.start(config, answers, StatusServer.PATIENCE);
    }

    /** A listener, and how many use it. Guarded by {@link #SHARED}. */
    private static final class Shared {

        private final StatusConfig config;
        private final StatusAnswers answers;
        private final Opener opener;
        private int users;
        private @Nullable StatusServer server;
        private @Nullable ScheduledFuture<?> retry;

        Shared(StatusConfig config, ShownProcess process, Opener opener) {
            this.config = config;
            this.opener = opener;
            this.answers = new StatusAnswers(StatusBoard.shared(), process, config.allowsDisconnect());
        }

        void open() throws IOException {
            StatusServer opened = opener.open(config, answers);
            server = opened;
            LOG.info("The status is served at {}", opened.address());
        }

        void openLater() {
            Repeated trying = new Repeated(
                    this::tryAgain,
                    e -> LOG.error(
                            "The status cannot be served now at {}; it is tried again every {} seconds",
                            config.listener(),
                            PAUSE_SECONDS,
                            e));
            retry = RETRIES.scheduleWithFixedDelay(trying, PAUSE_SECONDS, PAUSE_SECONDS, TimeUnit.SECONDS);
        }

        private void tryAgain() {
            synchronized (SHARED) {
                if (users > 0 && server == null) {
                    try {
                        open();
                        stopTrying();
                    } catch (IOException | StatusException e) {
                        LOG.debug("The status is still not served at {}", config.listener(), e);
                    }
                }
            }
        }

        private void stopTrying() {
            if (retry != null) {
                retry.cancel(false);
                retry = null;
            }
        }

        void close() {
            stopTrying();
            if (server != null) {
                server.close();
                server = null;
            }
        }
    }

    /**
     * Joins the listener of an address, opening it if need be.
     *
     * @throws StatusException if it cannot be opened, or is there with other settings
     */
    public static StatusListener acquire(StatusConfig config, ShownProcess process) {
        synchronized (SHARED) {
            try {
                return join(config, process, StatusListener::start);
            } catch (IOException e) {
                throw new StatusException(cannot(config, e), e);
            }
        }
    }

    /**
     * Joins the listener of an address. An address that cannot be bound, since another process has it, is tried again
     * until it can be: a status that is not served stops nothing else.
     *
     * @param told is told in one sentence that it cannot be bound yet
     * @throws StatusException if a file cannot be used, or the listener is there with other settings
     */
    public static StatusListener acquireWhenFree(StatusConfig config, ShownProcess process, Consumer<String> told) {
        return acquireWhenFree(config, process, told, StatusListener::start);
    }

    /** @param opener throws a {@link RuntimeException} or an {@link Error} for what is neither the address nor a file */
    static StatusListener acquireWhenFree(
            StatusConfig config, ShownProcess process, Consumer<String> told, Opener opener) {
        StatusListener share;
        String sentence;
        synchronized (SHARED) {
            try {
                return join(config, process, opener);
            } catch (StatusException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                Shared awaited = new Shared(config, process, opener);
                SHARED.put(config.listener(), awaited);
                awaited.users = 1;
                awaited.openLater();
                share = new StatusListener(awaited);
                sentence = cannot(config, e) + ". It is tried again every " + PAUSE_SECONDS + " seconds.";
            }
        }
        told.accept(sentence);
        return share;
    }

    private static String cannot(StatusConfig config, Exception e) {
        return "The status cannot be served at " + config.listener() + ": " + e.getMessage();
    }

    private static StatusListener join(StatusConfig config, ShownProcess process, Opener opener) throws IOException {
        Shared found = SHARED.get(config.listener());
        if (found == null) {
            found = new Shared(config, process, opener);
            found.open();
            SHARED.put(config.listener(), found);
        } else if (!found.config.equals(config)) {
            throw new StatusException("The status is already served at " + config.listener()
                    + " with other settings: use the same status.* values in every connector of a worker, or another"
                    + " status.listener. Served: " + found.config + "; wanted: " + config);
        }
        found.users++;
        return new StatusListener(found);
    }

    /** Where the status is served, with the port that is bound; empty as long as it cannot be bound. */
    public Optional<String> uri() {
        synchronized (SHARED) {
            return Optional.ofNullable(shared.server)
                    .map(server -> server.address().toString());
        }
    }

    /** Leaves the listener. The last one to leave closes it. Idempotent. */
    @Override
    public void close() {
        synchronized (SHARED) {
            if (closed) {
                return;
            }
            closed = true;
            if (--shared.users == 0) {
                shared.close();
                SHARED.remove(shared.config.listener());
            }
        }
    }
}
