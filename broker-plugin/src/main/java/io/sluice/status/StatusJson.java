package io.sluice.status;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The status as JSON. Values that are not known are left out. */
final class StatusJson {

    static final String CONTENT_TYPE = "application/json; charset=utf-8";

    private static final String REASON = "reason";

    /** Half of a character, as a text has that was cut off, is then no mistake. */
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private final JsonGenerator json;

    private StatusJson(JsonGenerator json) {
        this.json = json;
    }

    private static byte[] object(Item<StatusJson> fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            fields.write(new StatusJson(json));
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] error(String sentence) {
        return object(page -> page.json.writeStringField("error", sentence));
    }

    static byte[] disconnected(int clients) {
        return object(page -> page.json.writeNumberField("disconnected", clients));
    }

    /** @param isDetailed whether to list the checks, which not everybody may see */
    static byte[] health(HealthReport report, boolean isDetailed) {
        return object(page -> {
            page.json.writeStringField("status", upOrDown(report.isUp()));
            if (isDetailed) {
                page.array("checks", report.checks(), check -> {
                    page.json.writeStringField("name", check.name());
                    page.json.writeStringField("status", upOrDown(check.isUp()));
                    page.json.writeStringField("text", check.text());
                });
            }
        });
    }

    private static String upOrDown(boolean isUp) {
        return isUp ? "up" : "down";
    }

    static byte[] status(ShownProcess process, StatusBoard board) {
        return object(page -> {
            page.json.writeStringField("version", process.version());
            page.json.writeStringField("role", lower(process.role()));
            page.json.writeStringField("startedAt", board.startedAt().toString());
            page.array("brokers", board.brokers(), page::broker);
            page.connectors(board.tasks());
        });
    }

    private void broker(ShownBroker shown) throws IOException {
        BrokerStatus now = shown.status();
        json.writeStringField("name", now.name());
        json.writeStringField("state", lower(now.state()));
        json.writeStringField("bufferId", now.buffer().id());
        array("listeners", now.listeners(), listener -> {
            json.writeStringField("uri", listener.uri());
            json.writeBooleanField("open", listener.open());
            json.writeBooleanField("tls", listener.tls());
        });
        json.writeObjectFieldStart("clients");
        json.writeNumberField("connected", now.connectedClients());
        json.writeNumberField("sessions", now.sessions());
        json.writeEndObject();
        json.writeObjectFieldStart("buffer");
        buffer(now.buffer());
        json.writeEndObject();
        array("consumers", now.consumers(), consumer -> {
            json.writeStringField("connector", consumer.connector());
            json.writeBooleanField("attached", consumer.attached());
            json.writeBooleanField("expired", consumer.expired());
            json.writeNumberField("messages", consumer.messages());
            json.writeNumberField("bytes", consumer.bytes());
            json.writeNumberField("oldestAgeMs", consumer.oldestAgeMs());
        });
        // Those by connector are the consumers' above.
        metrics(shown.samples().stream()
                .filter(sample -> !sample.labels().containsKey("connector"))
                .toList());
    }

    private void buffer(BrokerStatus.Buffer buffer) throws IOException {
        json.writeStringField("storage", buffer.dir().isPresent() ? "disk" : "memory");
        text("dir", buffer.dir().map(Path::toString));
        json.writeNumberField("bytes", buffer.bytes());
        json.writeNumberField("maxBytes", buffer.maxBytes());
        json.writeNumberField("start", buffer.start());
        json.writeNumberField("end", buffer.end());
        number("freeBytes", buffer.freeBytes());
        json.writeStringField("overflow", buffer.overflow());
        text("newestAt", buffer.newestAt().map(Instant::toString));
    }

    private void connectors(List<ShownTask> tasks) throws IOException {
        Map<String, Map<ShownTask, TaskStatus>> byConnector = new LinkedHashMap<>();
        for (ShownTask task : tasks) {
            task.status()
                    .ifPresent(status -> byConnector
                            .computeIfAbsent(task.connector(), connector -> new LinkedHashMap<>())
                            .put(task, status));
        }
        array("connectors", byConnector.entrySet(), connector -> {
            json.writeStringField("name", connector.getKey());
            array("tasks", connector.getValue().entrySet(), task -> task(task.getKey(), task.getValue()));
        });
    }

    private void task(ShownTask task, TaskStatus status) throws IOException {
        json.writeNumberField("id", task.number());
        json.writeStringField("state", lower(status.state()));
        text("text", status.text());
        json.writeStringField("since", status.since().toString());
        number("stalledSinceMs", status.stalledSinceMs());
        array("endpoints", status.endpoints(), endpoint -> {
            json.writeStringField("uri", endpoint.uri());
            json.writeBooleanField("attached", endpoint.attached());
            text("text", endpoint.text());
        });
        metrics(task.samples());
    }

    /** Metrics by their names without {@code sluice-}; those that differ in a label as an object. */
    private void metrics(List<Sample> samples) throws IOException {
        json.writeObjectFieldStart("metrics");
        for (Sample sample : samples) {
            String reason = sample.labels().get(REASON);
            json.writeFieldName(sample.name().replaceFirst("^sluice-", "") + (reason == null ? "" : "." + reason));
            number(sample.value());
        }
        json.writeEndObject();
    }

    private void number(double value) throws IOException {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            json.writeNumber((long) value);
        } else if (Double.isFinite(value)) {
            json.writeNumber(value);
        } else {
            json.writeNull();
        }
    }

    static byte[] events(StatusEvents.Page events, Instant processStartedAt) {
        return object(page -> {
            page.json.writeNumberField("first", events.first());
            page.json.writeNumberField("last", events.last());
            page.json.writeStringField("startedAt", processStartedAt.toString());
            page.array("events", events.events(), page::event);
        });
    }

    private void event(StatusEvent event) throws IOException {
        json.writeNumberField("seq", event.sequence());
        json.writeStringField("time", event.time().toString());
        json.writeStringField("kind", lower(event.kind()));
        json.writeStringField("event", event.name());
        text("broker", event.origin().broker());
        text("connector", event.origin().connector());
        if (event.origin().task().isPresent()) {
            json.writeNumberField("task", event.origin().task().getAsInt());
        }
        json.writeStringField("text", event.text());
        json.writeObjectFieldStart("fields");
        for (Map.Entry<String, ?> field : event.fields().entrySet()) {
            json.writeFieldName(field.getKey());
            value(field.getValue());
        }
        json.writeEndObject();
    }

    private void value(Object value) throws IOException {
        if (value instanceof Number number) {
            number(number.doubleValue());
        } else if (value instanceof Collection<?> items) {
            String[] texts = items.stream().map(Object::toString).toArray(String[]::new);
            json.writeArray(texts, 0, texts.length);
        } else {
            json.writeString(value.toString());
        }
    }

    static byte[] clients(long total, List<ClientsPage.Found> clients) {
        return object(page -> {
            page.json.writeNumberField("total", total);
            page.array("clients", clients, page::client);
        });
    }

    static byte[] oneClient(ClientsPage.Found client) {
        return object(page -> page.client(client));
    }

    private void client(ClientsPage.Found found) throws IOException {
        ConnectedClient client = found.client();
        json.writeStringField("clientId", client.clientId());
        text("username", client.username());
        json.writeStringField("address", client.address());
        json.writeStringField("protocol", client.protocol());
        json.writeStringField("connectedAt", client.connectedAt().toString());
        json.writeNumberField("queued", client.queued());
        json.writeStringField("transport", client.transport());
        json.writeStringField("broker", found.broker());
    }

    private interface Item<T> {
        void write(T item) throws IOException;
    }

    private <T> void array(String name, Collection<T> items, Item<T> fields) throws IOException {
        json.writeArrayFieldStart(name);
        for (T item : items) {
            json.writeStartObject();
            fields.write(item);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void text(String name, Optional<String> text) throws IOException {
        if (text.isPresent()) {
            json.writeStringField(name, text.get());
        }
    }

    private void number(String name, OptionalLong number) throws IOException {
        if (number.isPresent()) {
            json.writeNumberField(name, number.getAsLong());
        }
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
