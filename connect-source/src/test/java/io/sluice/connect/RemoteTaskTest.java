package io.sluice.connect;

import static io.sluice.connect.TaskHarness.payloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Payload;
import io.sluice.message.Message;
import io.sluice.message.TopicFilter;
import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.DrainConfig;
import io.sluice.remote.DrainServer;
import io.sluice.status.ShownProcess;
import io.sluice.status.ShownProcess.Role;
import io.sluice.status.StatusAddress;
import io.sluice.status.StatusConfig;
import io.sluice.status.StatusListener;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A task whose brokers run elsewhere: it drains their buffers over the network. */
class RemoteTaskTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final TaskHarness connect = TaskHarness.with(Optional.empty());
    private final List<AutoCloseable> open = new ArrayList<>();
    private final MqttSourceTask task = connect.newTask(RemoteUpstream::open);

    @AfterEach
    void stop() throws Exception {
        task.stop();
        for (int i = open.size(); i > 0; i--) {
            open.get(i - 1).close();
        }
        connect.close();
    }

    @Test
    void messages_of_all_brokers_arrive_and_are_acknowledged() throws Exception {
        SharedBuffer one = buffer("one");
        SharedBuffer other = buffer("other");
        start(List.of(serve(one, "tcp://127.0.0.1:0"), serve(other, "tcp://127.0.0.1:0")));
        awaitAttached(one);
        awaitAttached(other);
        TaskHarness.publish(one, MessageBuilder.to("t").payload("1").build());
        TaskHarness.publish(other, MessageBuilder.to("t").payload("2").build());

        List<SourceRecord> records = poll(2);
        assertThat(payloads(records)).containsExactlyInAnyOrder("1", "2");
        records.forEach(record -> task.commitRecord(record, TaskHarness.SENT));
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(heldBack(one)).isZero();
            assertThat(heldBack(other)).isZero();
        });
    }

    @Test
    void each_buffer_far_away_that_hears_of_the_connector_for_the_first_time_is_told_once() throws Exception {
        connect.configure("name", "heard-of-far-away");
        SharedBuffer one = buffer("one");
        SharedBuffer other = buffer("other");
        one.attach(new AttachRequest("heard-of-far-away", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL))
                .close();
        start(List.of(serve(one, "tcp://127.0.0.1:0"), serve(other, "tcp://127.0.0.1:0")));
        awaitAttached(one);
        awaitAttached(other);
        TaskHarness.publish(one, MessageBuilder.to("t").payload("1").build());
        TaskHarness.publish(other, MessageBuilder.to("t").payload("2").build());
        poll(2);

        assertThat(Events.lines("heard-of-far-away"))
                .filteredOn(line -> line.contains("connector.created"))
                .singleElement()
                .asString()
                .contains("\"buffer\":\"" + other.id() + "\"");
    }

    @Test
    void a_broker_that_is_away_holds_up_neither_the_start_nor_the_others_and_is_drained_when_it_is_there()
            throws Exception {
        connect.configure("name", "waits");
        connect.configure("status.listener", "http://127.0.0.1:0");
        SharedBuffer there = buffer("there");
        SharedBuffer away = buffer("away");
        BufferEndpoint free;
        try (DrainServer server = DrainServer.start(away, plain("tcp://127.0.0.1:0"))) {
            free = server.endpoint();
        }
        start(List.of(free, serve(there, "tcp://127.0.0.1:0")));
        awaitAttached(there);
        TaskHarness.publish(there, MessageBuilder.to("t").payload("1").build());
        assertThat(payloads(poll(1))).containsExactly("1");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Events.lines("waits"))
                        .anyMatch(line -> line.contains("endpoint.waiting") && line.contains(free.toString())));
        assertThat(new TaskMBeans("waits").ofTask("sluice-waiting-endpoints")).isEqualTo(1);
        assertThat(statusOf("waits"))
                .contains("\"text\":\"It waits for the brokers at " + free + ".\"")
                .contains("{\"uri\":\"" + free + "\",\"attached\":false,\"text\":\"");

        serve(away, free.toString());
        awaitAttached(away);
        TaskHarness.publish(away, MessageBuilder.to("t").payload("2").build());
        assertThat(payloads(poll(1))).containsExactly("2");
        assertThat(Events.lines("waits"))
                .anyMatch(line -> line.contains("endpoint.reached") && line.contains(free.toString()));
        assertThat(new TaskMBeans("waits").ofTask("sluice-waiting-endpoints")).isZero();
        assertThat(statusOf("waits"))
                .contains("{\"uri\":\"" + free + "\",\"attached\":true}")
                .doesNotContain("It waits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tries to reach the broker", "is reachable now"})
    void a_log_that_throws_as_one_broker_is_away_ends_no_draining(String line) throws Exception {
        String name = "without-" + line.replace(' ', '-');
        connect.configure("name", name);
        SharedBuffer there = buffer("there");
        SharedBuffer away = buffer("away");
        BufferEndpoint free;
        try (DrainServer server = DrainServer.start(away, plain("tcp://127.0.0.1:0"))) {
            free = server.endpoint();
        }
        FailingLog log = FailingLog.at(RemoteUpstream.class.getName(), line);
        try {
            start(List.of(free, serve(there, "tcp://127.0.0.1:0")));
            awaitAttached(there);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(Events.of(name)).contains("endpoint.waiting"));
            TaskHarness.publish(there, MessageBuilder.to("t").payload("1").build());
            assertThat(payloads(poll(1))).containsExactly("1");

            serve(away, free.toString());
            awaitAttached(away);
            TaskHarness.publish(away, MessageBuilder.to("t").payload("2").build());
            assertThat(payloads(poll(1))).containsExactly("2");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(Events.of(name)).contains("endpoint.reached"));
        } finally {
            log.close();
        }
    }

    @Test
    void what_refers_to_a_birth_waits_for_the_broker_that_knows_it() throws Exception {
        connect.configure("value.format", "sparkplug")
                .configure("value.converter", "org.apache.kafka.connect.json.JsonConverter")
                .configure("poll.max.records", "1");
        SharedBuffer buffer = buffer("one");
        BufferEndpoint endpoint =
                bornBefore(buffer, first -> assertThat(first).singleElement().satisfies(RemoteTaskTest::isNamed));
        assertThat(task.poll()).as("its name is known to the broker alone").isNull();

        serve(buffer, endpoint.toString());
        assertThat(poll(1)).singleElement().satisfies(RemoteTaskTest::isNamed);
    }

    @Test
    void what_other_routes_make_of_a_message_that_waits_for_a_birth_is_counted_and_told_once() throws Exception {
        connect.configure("name", "waits-again")
                .configure("value.format", "sparkplug")
                .configure("value.converter", "org.apache.kafka.connect.json.JsonConverter")
                .configure("poll.max.records", "1")
                .configure("dead.letter.topic", "dead")
                .configure("routes", "filters,refuses,waits")
                .configure("route.refuses.topic.filters", "#")
                .configure("route.refuses.kafka.topic", "iot-{property.none}")
                .configure("route.filters.topic.filters", "#")
                .configure("route.filters.filter", "topic == 'wanted'")
                .configure("route.waits.topic.filters", "#");
        SharedBuffer buffer = buffer("one");
        BufferEndpoint endpoint = bornBefore(
                buffer,
                first -> assertThat(first).extracting(SourceRecord::topic).containsExactly("dead", "iot"));
        assertThat(task.poll()).as("its name is known to the broker alone").isNull();
        assertThat(task.poll()).isNull();

        serve(buffer, endpoint.toString());
        assertThat(poll(1)).extracting(SourceRecord::topic).containsExactly("dead", "iot");
        TaskMBeans counts = new TaskMBeans("waits-again");
        assertThat(counts.ofTask("sluice-dead-letters-total")).isEqualTo(2);
        assertThat(counts.ofTask("sluice-filtered-records-total")).isEqualTo(2);
        assertThat(Events.of("waits-again"))
                .filteredOn("message.dead.letter"::equals)
                .hasSize(2);
    }

    @Test
    void a_task_rests_while_the_broker_that_has_more_for_it_is_away_and_goes_on_when_it_is_back() throws Exception {
        SharedBuffer buffer = buffer("one");
        Message large = MessageBuilder.to("t").payload(new byte[100_000]).build();
        try (Attachment earlier =
                buffer.attach(new AttachRequest("mqtt", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL))) {
            earlier.seek(earlier.acknowledged());
            TaskHarness.publish(buffer, Collections.nCopies(80, large).toArray(Message[]::new));
        }
        BufferEndpoint endpoint;
        List<SourceRecord> records;
        try (DrainServer server = DrainServer.start(buffer, plain("tcp://127.0.0.1:0"))) {
            endpoint = server.endpoint();
            start(List.of(endpoint));
            records = poll(1);
        }
        for (List<SourceRecord> more = task.poll(); more != null; more = task.poll()) {
            records.addAll(more);
        }
        assertThat(records).as("what came before it was away").hasSizeBetween(1, 79);

        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        assertThat(task.poll()).isNull();
        assertThat(task.poll()).isNull();
        assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - before)).isLessThan(Duration.ofMillis(200));

        serve(buffer, endpoint.toString());
        assertThat(poll(80 - records.size())).hasSize(80 - records.size());
    }

    /**
     * Two edge nodes are born before the task attaches, and publish data that refers to that, of which the first arrives.
     *
     * @return where the broker was until then
     */
    private BufferEndpoint bornBefore(SharedBuffer buffer, Consumer<List<SourceRecord>> first) throws Exception {
        buffer.attach(new AttachRequest("other", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL));
        Metric named = Metric.newBuilder().setName("pressure").setAlias(1).build();
        Metric referring = Metric.newBuilder().setAlias(1).setIntValue(7).build();
        TaskHarness.publish(buffer, sparkplug("NBIRTH/a", named), sparkplug("NBIRTH/b", named));
        try (DrainServer server = DrainServer.start(buffer, plain("tcp://127.0.0.1:0"))) {
            start(List.of(server.endpoint()));
            await().atMost(PATIENCE).until(() -> buffer.stats().consumers().size() == 2);
            TaskHarness.publish(buffer, sparkplug("NDATA/a", referring), sparkplug("NDATA/b", referring));
            first.accept(poll(1));
            return server.endpoint();
        }
    }

    private static void isNamed(SourceRecord record) {
        Struct metric = (Struct) ((Struct) record.value()).getArray("metrics").get(0);
        assertThat(metric.getString("name")).isEqualTo("pressure");
    }

    private static Message sparkplug(String typeAndNode, Metric metric) {
        return MessageBuilder.to("spBv1.0/plant/" + typeAndNode)
                .payload(Payload.newBuilder().addMetrics(metric).build().toByteArray())
                .build();
    }

    /** What the listener that the task has joined says of its connector. */
    private static String statusOf(String connector) throws Exception {
        StatusConfig same =
                new StatusConfig(StatusAddress.of("http://127.0.0.1:0"), Optional.empty(), Optional.empty(), false);
        try (StatusListener joined = StatusListener.acquire(same, new ShownProcess(Role.WORKER, ""))) {
            String status = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(joined.uri().orElseThrow() + "/v1/status"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            return status.substring(status.indexOf("{\"name\":\"" + connector + "\""));
        }
    }

    @Test
    void a_broker_that_refuses_the_token_fails_the_task_in_a_sentence() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "right-token-of-enough-characters\n");
        DrainServer server = DrainServer.start(
                buffer("guarded"),
                new DrainConfig(BufferEndpoint.of("tcp://127.0.0.1:0"), Optional.empty(), Optional.of(token)));
        open.add(server);
        connect.configure("buffer.auth.token", "wrong");
        start(List.of(server.endpoint()));

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThatThrownBy(task::poll)
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining("The buffer at " + server.endpoint() + " cannot be drained")
                        .hasMessageContaining("token")
                        .message()
                        .doesNotContain("wrong-token"));
    }

    @Test
    void a_buffer_in_memory_is_refused_by_who_requires_exactly_once() throws Exception {
        SharedBuffer inMemory = SharedBuffer.open(
                new BufferConfig(Optional.empty(), 1 << 24, Overflow.BLOCK, 1 << 16, Duration.ZERO, Duration.ZERO));
        open.add(inMemory);
        BufferEndpoint endpoint = serve(inMemory, "tcp://127.0.0.1:0");
        connect.configure("exactly.once.support", "required");
        start(List.of(endpoint));

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThatThrownBy(task::poll)
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining(
                                "exactly.once.support is 'required', but the buffer at " + endpoint + " is in memory"));
    }

    @Test
    void a_task_that_stops_while_a_broker_is_away_lets_it_be() throws Exception {
        SharedBuffer away = buffer("away");
        BufferEndpoint free;
        try (DrainServer server = DrainServer.start(away, plain("tcp://127.0.0.1:0"))) {
            free = server.endpoint();
        }
        start(List.of(free));
        assertThat(task.poll()).isNull();
        task.stop();

        serve(away, free.toString());
        assertThat(away.stats().consumers()).noneMatch(consumer -> consumer.attached());
    }

    @Test
    void kafka_topics_are_counted_over_all_brokers_of_a_task() throws Exception {
        connect.configure("kafka.topic", "iot.{topic}");
        connect.configure("kafka.topic.max.distinct", "1");
        SharedBuffer one = buffer("one");
        SharedBuffer other = buffer("other");
        start(List.of(serve(one, "tcp://127.0.0.1:0"), serve(other, "tcp://127.0.0.1:0")));
        awaitAttached(one);
        awaitAttached(other);
        TaskHarness.publish(one, MessageBuilder.to("a").build());
        assertThat(poll(1)).extracting(SourceRecord::topic).containsExactly("iot.a");
        TaskHarness.publish(other, MessageBuilder.to("b").build());
        assertThat(poll(1)).extracting(SourceRecord::topic).containsExactly("mqtt.dead.letters");
    }

    /** The task of the second endpoint would be in another worker, and is not started. */
    @Test
    void a_buffer_that_another_endpoint_serves_too_is_not_drained_and_both_are_named_with_the_remedy()
            throws Exception {
        SharedBuffer original = buffer("original");
        SharedBuffer copy = copy("original", "copy");
        BufferEndpoint one = serve(original, "tcp://127.0.0.1:0");
        BufferEndpoint other = serve(copy, "tcp://127.0.0.1:0");
        startFirstOfTwo(List.of(one, other));

        awaitRefusal(one, other, original.id());
        assertThat(original.stats().consumers()).noneMatch(consumer -> consumer.attached());
    }

    @Test
    void a_second_endpoint_that_serves_the_same_buffer_later_is_noticed_within_seconds() throws Exception {
        SharedBuffer original = buffer("original");
        SharedBuffer copy = copy("original", "copy");
        BufferEndpoint one = serve(original, "tcp://127.0.0.1:0");
        BufferEndpoint free;
        try (DrainServer server = DrainServer.start(copy, plain("tcp://127.0.0.1:0"))) {
            free = server.endpoint();
        }
        startFirstOfTwo(List.of(one, free));
        awaitAttached(original);
        TaskHarness.publish(original, MessageBuilder.to("t").payload("1").build());
        assertThat(payloads(poll(1))).containsExactly("1");

        serve(copy, free.toString());
        awaitRefusal(one, free, original.id());
    }

    @Test
    void one_broker_under_two_names_is_refused_with_both() throws Exception {
        SharedBuffer buffer = buffer("one");
        BufferEndpoint named = serve(buffer, "tcp://127.0.0.1:0");
        BufferEndpoint alias = new BufferEndpoint(false, "localhost", named.port());
        startFirstOfTwo(List.of(named, alias));

        awaitRefusal(named, alias, buffer.id());
    }

    private void awaitRefusal(BufferEndpoint one, BufferEndpoint other, String buffer) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThatThrownBy(task::poll)
                        .isInstanceOf(ConnectException.class)
                        .hasMessageStartingWith(one + " and " + other + " serve the same buffer, " + buffer)
                        .hasMessageContaining("Leave one of them out of buffer.endpoints"));
    }

    /** A copy of the folder of a buffer that nothing was written to since it was made. */
    private SharedBuffer copy(String from, String to) throws IOException {
        Path copy = Files.createDirectory(folder.resolve(to));
        try (Stream<Path> files = Files.list(folder.resolve(from))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return buffer(to);
    }

    private void start(List<BufferEndpoint> endpoints) {
        start(endpoints, 1);
    }

    private void startFirstOfTwo(List<BufferEndpoint> endpoints) {
        start(endpoints, 2);
    }

    /** Starts the first of so many tasks. */
    private void start(List<BufferEndpoint> endpoints, int tasks) {
        connect.configure("broker.mode", "remote");
        connect.properties().remove("buffer.storage");
        connect.configure(
                "buffer.endpoints",
                String.join(
                        ",", endpoints.stream().map(BufferEndpoint::toString).toList()));
        MqttSourceConnector connector = new MqttSourceConnector();
        connector.start(connect.properties());
        Map<String, String> properties =
                new HashMap<>(connector.taskConfigs(tasks).get(0));
        task.start(properties);
    }

    private SharedBuffer buffer(String name) {
        SharedBuffer buffer = SharedBuffer.open(new BufferConfig(
                Optional.of(folder.resolve(name)), 1 << 24, Overflow.BLOCK, 1 << 16, Duration.ZERO, Duration.ZERO));
        open.add(buffer);
        return buffer;
    }

    private BufferEndpoint serve(SharedBuffer buffer, String listener) {
        DrainServer server = DrainServer.start(buffer, plain(listener));
        open.add(server);
        return server.endpoint();
    }

    private static DrainConfig plain(String listener) {
        return new DrainConfig(BufferEndpoint.of(listener), Optional.empty(), Optional.empty());
    }

    private static void awaitAttached(SharedBuffer buffer) {
        await().atMost(PATIENCE).until(() -> buffer.stats().consumers().stream().anyMatch(one -> one.attached()));
    }

    private static long heldBack(SharedBuffer buffer) {
        return buffer.stats().end() - buffer.stats().consumers().get(0).floor();
    }

    private List<SourceRecord> poll(int atLeast) throws InterruptedException {
        List<SourceRecord> records = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (records.size() < atLeast && System.nanoTime() - deadline < 0) {
            List<SourceRecord> polled = task.poll();
            if (polled != null) {
                records.addAll(polled);
            }
        }
        return records;
    }
}
