package io.sluice.connect;

import io.sluice.buffer.record.BufferException;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.config.TaskShare;
import io.sluice.connect.delivery.Drains;
import io.sluice.connect.telemetry.LogGuard;
import io.sluice.connect.telemetry.TaskEvents;
import io.sluice.remote.BufferCredentials;
import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.BufferUnreachableException;
import io.sluice.remote.ConnectionState;
import io.sluice.remote.RemoteAttachment;
import io.sluice.status.TaskStatus.Endpoint;
import io.sluice.thread.DaemonThreads;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The buffers of brokers on other machines. A separate thread attaches to each, again and again until it can be
 * reached, so that a broker that is away delays neither the start of the task nor the other buffers.
 */
final class RemoteUpstream implements Upstream {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteUpstream.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration TELL_INTERVAL = Duration.ofMinutes(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final SourceConfig config;
    private final BufferCredentials credentials;
    private final Drains drains;
    private final TaskEvents events;
    private final Map<TaskShare, Long> lastTold = new ConcurrentHashMap<>();
    private final Map<BufferEndpoint, RemoteAttachment> attached = new ConcurrentHashMap<>();
    private final Map<BufferEndpoint, String> away = new ConcurrentHashMap<>();
    private final EndpointWatch watch;
    private final CountDownLatch closed = new CountDownLatch(1);

    private RemoteUpstream(SourceConfig config, Drains drains) {
        this.config = config;
        this.credentials = config.bufferCredentials();
        this.drains = drains;
        this.watch = new EndpointWatch(config.endpoints(), credentials);
        this.events = TaskEvents.of(config.connectorName(), config.taskNumber());
    }

    static RemoteUpstream open(SourceConfig config, Drains drains) {
        RemoteUpstream upstream = new RemoteUpstream(config, drains);
        try {
            upstream.begin();
        } catch (Error noThread) {
            upstream.close();
            throw noThread;
        }
        return upstream;
    }

    private void begin() {
        config.shares().forEach(share -> drains.await(share.endpoint().toString()));
        for (TaskShare share : config.shares()) {
            Thread thread = new DaemonThreads("sluice-attach-" + share.endpoint()).newThread(() -> attach(share));
            thread.start();
        }
        watch.start(drains::fail);
    }

    private void attach(TaskShare share) {
        try {
            long pauseMs = FIRST_PAUSE.toMillis();
            for (int attempt = 1; !attach(share, attempt); attempt++) {
                if (closed.await(pauseMs, TimeUnit.MILLISECONDS)) {
                    return;
                }
                pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            drains.fail(e);
        } catch (Error e) {
            drains.fail(new BufferException("The buffer at " + share.endpoint() + " cannot be attached to: " + e, e));
        }
    }

    /** Returns whether there is nothing more to do. */
    private boolean attach(TaskShare share, int attempt) {
        RemoteAttachment buffer;
        try {
            buffer = RemoteAttachment.attach(share.endpoint(), credentials, config.consumer(share.lanes()));
        } catch (BufferUnreachableException e) {
            tellThatItIsAway(share, e);
            return false;
        } catch (BufferException e) {
            throw new BufferException("The buffer at " + share.endpoint() + " cannot be drained: " + e.getMessage(), e);
        }
        try {
            if (buffer.isInMemory() && config.requiresExactlyOnce()) {
                throw new BufferException("exactly.once.support is 'required', but the buffer at " + share.endpoint()
                        + " is in memory and ends with its broker: give it sluice.buffer.storage disk, or set"
                        + " exactly.once.support to 'requested'");
            }
            watch.attached(share.endpoint(), buffer.bufferId());
        } catch (RuntimeException | Error e) {
            buffer.close();
            throw e;
        }
        if (closed.getCount() == 0) {
            buffer.close();
        } else {
            attached.put(share.endpoint(), buffer);
            drains.add(buffer, share.endpoint().toString());
            if (attempt > 1) {
                LogGuard.log(() ->
                        LOG.info("{}: the broker at {} is reachable now", config.connectorName(), share.endpoint()));
                events.endpointReached(share.endpoint().toString());
            }
        }
        return true;
    }

    /** Logs that at first and then once a minute: a broker keeps nothing for a connector that has never reached it. */
    private void tellThatItIsAway(TaskShare share, BufferUnreachableException cause) {
        away.put(share.endpoint(), String.valueOf(cause.getMessage()));
        Long told = lastTold.get(share);
        if (told != null && System.nanoTime() - told < TELL_INTERVAL.toNanos()) {
            return;
        }
        lastTold.put(share, System.nanoTime());
        LogGuard.log(() -> LOG.warn(
                "{}: {} The task tries to reach the broker at {} again. The broker keeps messages for this connector if"
                        + " it was attached there before.",
                config.connectorName(),
                cause.getMessage(),
                share.endpoint()));
        events.endpointAway(share.endpoint().toString(), String.valueOf(cause.getMessage()));
    }

    @Override
    public List<Endpoint> endpoints() {
        return config.shares().stream()
                .map(TaskShare::endpoint)
                .distinct()
                .map(this::endpoint)
                .toList();
    }

    private Endpoint endpoint(BufferEndpoint endpoint) {
        RemoteAttachment buffer = attached.get(endpoint);
        if (buffer == null) {
            return new Endpoint(endpoint.toString(), false, Optional.ofNullable(away.get(endpoint)));
        }
        ConnectionState now = buffer.connection();
        return new Endpoint(endpoint.toString(), now.connected(), now.connected() ? Optional.empty() : now.lastError());
    }

    @Override
    public void close() {
        closed.countDown();
        watch.close();
    }
}
