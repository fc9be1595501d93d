package io.sluice.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Publishes a number of messages, waits for them in Kafka, and measures. */
final class DeliveryCheck {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int IN_FLIGHT = 256;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);

    private final int messages;
    private final double perSecond;
    private final AtomicLongArray publishedAt;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private volatile long publishingEndedAt;

    /**
     * @param messages how many; at least 1
     * @param perSecond how many a second at most; {@link Double#POSITIVE_INFINITY} for as many as are acknowledged
     */
    DeliveryCheck(int messages, double perSecond) {
        this.messages = messages;
        this.perSecond = perSecond;
        this.publishedAt = new AtomicLongArray(messages);
    }

    /** Publishes everything; returns when all has arrived, or when nothing has arrived for half a minute. */
    DeliveryReport run(Pipeline pipeline, Devices devices) {
        BitSet arrived = new BitSet(messages);
        Histogram latency = new Histogram(3);
        long duplicates = 0;
        try (Arrivals arrivals = new Arrivals(pipeline.bootstrapServers(), pipeline.topic())) {
            Thread publisher = new Thread(() -> publish(devices), "publisher");
            publisher.setDaemon(true);
            long start = System.nanoTime();
            publisher.start();
            long lastNews = start;
            while (arrived.cardinality() < messages && System.nanoTime() - lastNews < PATIENCE.toNanos()) {
                for (var record : arrivals.next(POLL)) {
                    int number = numberOf(record.value());
                    long now = System.nanoTime();
                    if (arrived.get(number)) {
                        duplicates++;
                    } else {
                        arrived.set(number);
                        latency.recordValue((now - publishedAt.get(number)) / 1_000);
                    }
                    lastNews = now;
                }
            }
            awaitEnd(publisher);
            return new DeliveryReport(
                    messages,
                    acknowledged.get(),
                    arrived.cardinality(),
                    duplicates,
                    Duration.ofNanos(publishingEndedAt - start),
                    Duration.ofNanos(lastNews - start),
                    latency);
        }
    }

    private void publish(Devices devices) {
        Semaphore window = new Semaphore(IN_FLIGHT);
        long start = System.nanoTime();
        try {
            for (int number = 0;
                    number < messages && window.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                    number++) {
                long due = start + (long) (number / perSecond * 1e9);
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                publishedAt.set(number, System.nanoTime());
                devices.publish(number).whenComplete((result, error) -> {
                    if (error == null && result.getError().isEmpty()) {
                        acknowledged.incrementAndGet();
                    }
                    publishingEndedAt = System.nanoTime();
                    window.release();
                });
            }
            if (!window.tryAcquire(IN_FLIGHT, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                publishingEndedAt = System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int numberOf(String reading) {
        try {
            return JSON.readTree(reading).path("reading").asInt();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Not a reading of ours is in the topic: " + reading, e);
        }
    }

    private static void awaitEnd(Thread publisher) {
        try {
            publisher.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
