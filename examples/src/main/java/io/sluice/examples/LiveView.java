package io.sluice.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Devices that publish now and then, and every record that arrives in Kafka as lines of text. */
record LiveView(Pipeline pipeline, PrintWriter out) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration POLL = Duration.ofMillis(200);

    /** Goes on until the program ends. */
    void run(Devices devices, Cleanup cleanup) {
        AtomicInteger readings = new AtomicInteger();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(LiveView::daemon);
        ScheduledFuture<?> publishing = clock.scheduleAtFixedRate(
                () -> devices.publish(readings.getAndIncrement()), 0, 2_000L / devices.count(), TimeUnit.MILLISECONDS);
        try {
            run(cleanup);
        } finally {
            publishing.cancel(false);
            clock.shutdown();
        }
    }

    /** Shows what others publish, until the program ends. */
    void run(Cleanup cleanup) {
        try (Arrivals arrivals = new Arrivals(pipeline.bootstrapServers(), pipeline.topic())) {
            while (!cleanup.isEnding()) {
                arrivals.next(POLL).forEach(record -> out.println(text(record)));
                out.flush();
            }
        }
    }

    static String text(ConsumerRecord<String, String> record) {
        String headers = StreamSupport.stream(record.headers().spliterator(), false)
                .map(LiveView::text)
                .collect(Collectors.joining("  "));
        return "%s-%d@%d  %s  %s%n      %s"
                .formatted(
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        record.key(),
                        brief(record.value()),
                        headers);
    }

    /** JSON without what says nothing: fields that are null, and empty lists. */
    static String brief(String value) {
        if (!value.startsWith("{")) {
            return value;
        }
        try {
            JsonNode json = JSON.readTree(value);
            takeOutEmpty(json);
            return json.toString();
        } catch (JsonProcessingException e) {
            return value;
        }
    }

    private static void takeOutEmpty(JsonNode json) {
        for (Iterator<JsonNode> parts = json.iterator(); parts.hasNext(); ) {
            JsonNode part = parts.next();
            takeOutEmpty(part);
            if (json.isObject() && (part.isNull() || (part.isArray() && part.isEmpty()))) {
                parts.remove();
            }
        }
    }

    private static String text(Header header) {
        return header.key() + "=" + new String(header.value(), StandardCharsets.UTF_8);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "devices");
        thread.setDaemon(true);
        return thread;
    }
}
