package io.sluice.connect;

import io.sluice.connect.delivery.SameBufferException;
import io.sluice.remote.BufferCredentials;
import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.RemoteAttachment;
import io.sluice.thread.DaemonThreads;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Checks that no buffer that a task drains is served at another endpoint of its connector too, perhaps to a task in
 * another worker. It asks all endpoints before the task drains a buffer, and then every few minutes; it asks those that
 * have not answered, and only those, again sooner. Thread-safe.
 */
final class EndpointWatch implements AutoCloseable {

    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(3);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
    private static final Duration UNTIL_ALL_ARE_ASKED_AGAIN = Duration.ofMinutes(5);

    private final List<BufferEndpoint> endpoints;
    private final BufferCredentials credentials;
    private final Map<BufferEndpoint, String> drained = new ConcurrentHashMap<>();
    private final Map<BufferEndpoint, Supplier<CompletableFuture<String>>> questions = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param endpoints all of the connector */
    EndpointWatch(List<BufferEndpoint> endpoints, BufferCredentials credentials) {
        this.endpoints = endpoints;
        this.credentials = credentials;
    }

    /**
     * Goes on looking on a separate thread.
     *
     * @param refused is told of a buffer that is served twice
     */
    void start(Consumer<SameBufferException> refused) {
        if (endpoints.size() > 1) {
            Thread thread = new DaemonThreads("sluice-endpoint-watch").newThread(() -> run(refused));
            thread.start();
        }
    }

    private void run(Consumer<SameBufferException> refused) {
        try {
            List<BufferEndpoint> unanswered = endpoints;
            long allAsked = System.nanoTime();
            long pauseMs = FIRST_PAUSE.toMillis();
            while (!closed.await(pauseMs, TimeUnit.MILLISECONDS)) {
                boolean all = System.nanoTime() - allAsked >= UNTIL_ALL_ARE_ASKED_AGAIN.toNanos();
                allAsked = all ? System.nanoTime() : allAsked;
                unanswered = askAgain(all ? endpoints : unanswered);
                pauseMs = unanswered.isEmpty()
                        ? UNTIL_ALL_ARE_ASKED_AGAIN.toMillis()
                        : Math.min(2 * pauseMs, LONGEST_PAUSE.toMillis());
            }
        } catch (SameBufferException e) {
            refused.accept(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** An error, such as too little memory at this moment, ends no watch: none has answered, and all are asked again. */
    private List<BufferEndpoint> askAgain(List<BufferEndpoint> others) {
        try {
            return requireDistinctBuffers(others);
        } catch (Error e) {
            return others;
        }
    }

    /**
     * Takes note that a task is about to drain a buffer. Waits three seconds at most for those endpoints that do not answer.
     *
     * @throws SameBufferException if one that answers serves that buffer too
     */
    void attached(BufferEndpoint endpoint, String buffer) {
        drained.put(endpoint, buffer);
        requireDistinctBuffers(endpoints);
    }

    /** Returns those that have not answered. */
    private List<BufferEndpoint> requireDistinctBuffers(List<BufferEndpoint> others) {
        Map<BufferEndpoint, CompletableFuture<Optional<String>>> asked = others.stream()
                .filter(endpoint -> !drained.containsKey(endpoint))
                .collect(Collectors.toMap(endpoint -> endpoint, this::ask));
        asked.forEach((other, answer) -> answer.join()
                .ifPresent(id -> drained.forEach((endpoint, buffer) -> {
                    if (buffer.equals(id) && !endpoint.equals(other)) {
                        throw new SameBufferException(endpoint.toString(), other.toString(), buffer);
                    }
                })));
        return others.stream()
                .filter(other ->
                        asked.containsKey(other) && asked.get(other).join().isEmpty())
                .toList();
    }

    /** The id of the buffer that an endpoint serves now; empty if it does not say. */
    private CompletableFuture<Optional<String>> ask(BufferEndpoint endpoint) {
        try {
            return questions
                    .computeIfAbsent(endpoint, asked -> RemoteAttachment.idAt(asked, credentials, LONGEST_ANSWER))
                    .get()
                    .handle((id, unanswered) -> Optional.ofNullable(id));
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
