package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.door.BrokerLimits;
import io.sluice.broker.door.ConnectionLimits;
import io.sluice.broker.door.DoorConfig;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.QueueLimits;
import io.sluice.broker.door.transport.WebSocketOrigin;
import io.sluice.broker.rate.ConnectRates;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.RateLimits;
import io.sluice.broker.session.SessionLimits;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import io.sluice.message.TopicFilter;
import io.sluice.tls.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A broker of a test's own, and what a consumer has read from its buffer. */
public final class TestBroker implements AutoCloseable {

    /** Everybody may connect and do everything. */
    public static final AccessConfig OPEN = new AccessConfig(
            true,
            Optional.empty(),
            Optional.empty(),
            CertificateNames.NONE,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    private static final AtomicInteger NAMES = new AtomicInteger();

    /** What holds unless the configuration says otherwise. */
    public static final BrokerLimits USUAL_LIMITS = new BrokerLimits(
            new ConnectionLimits(ConnectionLimits.defaultMax(), ConnectionLimits.defaultMax() / 2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ZERO,
            new QueueLimits(QueueLimits.defaultMaxBytes(), 1 << 20),
            new RateLimits(PublishRates.UNLIMITED, ConnectRates.DEFAULT, RateLimits.LOGIN_DELAY),
            SessionLimits.DEFAULT);

    private static final ExecutorService CLOSING = Executors.newCachedThreadPool();

    private final String name;
    private final EmbeddedBroker broker;
    private final boolean hasFiles;

    private TestBroker(String name, EmbeddedBroker broker, boolean hasFiles) {
        this.name = name;
        this.broker = broker;
        this.hasFiles = hasFiles;
    }

    /** A configuration with a new name, on free ports of loopback, with a small buffer in memory. */
    static BrokerConfig config() {
        return new Wanted().config();
    }

    /** Of a front door alone. */
    public static DoorConfig doorConfig(AccessControl access) {
        return RunningBroker.doorConfig(config(), access);
    }

    /** What a test wants of its broker; everything else is usual. */
    static final class Wanted {
        private final String name = "test-" + NAMES.incrementAndGet();
        private List<Listener> listeners = List.of(Listener.of("tcp://127.0.0.1:0"), Listener.of("ws://127.0.0.1:0"));
        private Optional<Path> passwordFile = Optional.empty();
        private boolean anonymousToo;
        private Optional<AccessConfig> access = Optional.empty();
        private Optional<Path> aclFile = Optional.empty();
        private Optional<TlsConfig> tls = Optional.empty();
        private boolean fanout = true;
        private List<WebSocketOrigin> origins = List.of();
        private Duration linger = Duration.ZERO;
        private ConnectionLimits connections = USUAL_LIMITS.connections();
        private Duration connectTimeout = USUAL_LIMITS.connectTimeout();
        private Duration stallTimeout = USUAL_LIMITS.stallTimeout();
        private Duration maxKeepAlive = USUAL_LIMITS.maxKeepAlive();
        private QueueLimits queues = USUAL_LIMITS.queues();
        private RateLimits rates = USUAL_LIMITS.rates();
        private SessionLimits sessions = USUAL_LIMITS.sessions();
        private boolean proxyProtocol;
        private BufferConfig buffer = memory(64 << 20, Overflow.BLOCK);

        Wanted listeners(String... uris) {
            listeners = Arrays.stream(uris).map(Listener::of).toList();
            return this;
        }

        /** Lets in only those the file names. */
        Wanted passwordFile(Path file) {
            passwordFile = Optional.of(file);
            return this;
        }

        /** In place of all that is said of files. */
        Wanted access(AccessConfig config) {
            access = Optional.of(config);
            return this;
        }

        /** Also lets in those without a user name. */
        Wanted anonymousToo() {
            anonymousToo = true;
            return this;
        }

        Wanted aclFile(Path file) {
            aclFile = Optional.of(file);
            return this;
        }

        Wanted tls(TlsConfig config) {
            tls = Optional.of(config);
            return this;
        }

        Wanted withoutFanout() {
            fanout = false;
            return this;
        }

        Wanted webSocketOrigins(String... texts) {
            origins = Arrays.stream(texts).map(WebSocketOrigin::of).toList();
            return this;
        }

        Wanted linger(Duration duration) {
            linger = duration;
            return this;
        }

        Wanted connectionLimits(ConnectionLimits wanted) {
            connections = wanted;
            return this;
        }

        Wanted connectTimeout(Duration wanted) {
            connectTimeout = wanted;
            return this;
        }

        Wanted stallTimeout(Duration wanted) {
            stallTimeout = wanted;
            return this;
        }

        Wanted maxKeepAlive(Duration wanted) {
            maxKeepAlive = wanted;
            return this;
        }

        Wanted queueLimits(QueueLimits wanted) {
            queues = wanted;
            return this;
        }

        Wanted rates(RateLimits wanted) {
            rates = wanted;
            return this;
        }

        Wanted sessionLimits(SessionLimits wanted) {
            sessions = wanted;
            return this;
        }

        Wanted limits(BrokerLimits wanted) {
            connections = wanted.connections();
            connectTimeout = wanted.connectTimeout();
            stallTimeout = wanted.stallTimeout();
            maxKeepAlive = wanted.maxKeepAlive();
            queues = wanted.queues();
            rates = wanted.rates();
            sessions = wanted.sessions();
            return this;
        }

        private BrokerLimits limits() {
            return new BrokerLimits(connections, connectTimeout, stallTimeout, maxKeepAlive, queues, rates, sessions);
        }

        Wanted proxyProtocol() {
            proxyProtocol = true;
            return this;
        }

        Wanted buffer(BufferConfig config) {
            buffer = config;
            return this;
        }

        BrokerConfig config() {
            return new BrokerConfig(
                    name,
                    listeners,
                    proxyProtocol,
                    access.orElseGet(() -> new AccessConfig(
                            anonymousToo || passwordFile.isEmpty(),
                            passwordFile,
                            aclFile,
                            CertificateNames.NONE,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty())),
                    tls,
                    1_000_000,
                    limits(),
                    Duration.ofDays(1),
                    fanout,
                    origins,
                    linger,
                    buffer);
        }

        TestBroker start() {
            return new TestBroker(
                    name, EmbeddedBroker.acquire(config()), buffer.dir().isPresent());
        }
    }

    static BufferConfig memory(long maxBytes, Overflow overflow) {
        return new BufferConfig(
                Optional.empty(),
                maxBytes,
                overflow,
                (int) Math.min(maxBytes / 4, 4 << 20),
                Duration.ZERO,
                Duration.ofDays(7));
    }

    static BufferConfig disk(Path dir) {
        return new BufferConfig(Optional.of(dir), 1 << 30, Overflow.BLOCK, 16 << 20, Duration.ZERO, Duration.ofDays(7));
    }

    static TestBroker start() {
        return new Wanted().start();
    }

    int port() {
        return port(Listener.Transport.TCP);
    }

    int port(Listener.Transport transport) {
        return broker.listeners().stream()
                .filter(listener -> listener.transport() == transport)
                .findFirst()
                .orElseThrow()
                .port();
    }

    String name() {
        return name;
    }

    EmbeddedBroker broker() {
        return broker;
    }

    /** A client that has connected, under a new name if it is given none. */
    Mqtt5BlockingClient connected(String clientId) {
        Mqtt5BlockingClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier(clientId.isEmpty() ? UUID.randomUUID().toString() : clientId)
                .serverHost("127.0.0.1")
                .serverPort(port())
                .buildBlocking();
        client.connect();
        return client;
    }

    /** A payload as text. */
    static String text(Message message) {
        return UTF_8.decode(message.payload().duplicate()).toString();
    }

    /** Attaches a consumer and starts it at the end of the log. */
    Reader attach(String... filters) {
        return attach("reader", AckMode.BUFFERED, filters);
    }

    Reader attach(String name, AckMode ackMode, String... filters) {
        List<TopicFilter> parsed = new ArrayList<>();
        for (String filter : filters) {
            parsed.add(TopicFilter.of(filter));
        }
        Attachment consumer = broker.buffer().attach(new AttachRequest(name, parsed, ackMode, Lanes.ALL));
        consumer.seek(consumer.acknowledged());
        return new Reader(consumer);
    }

    /** Copies a folder as it is now: what a process that is killed at this moment leaves. */
    static void leaveAsKilled(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    /**
     * Closes the broker, in the background if it has no files that the test deletes: closing takes Moquette a while.
     */
    @Override
    public void close() {
        if (hasFiles) {
            broker.close();
        } else {
            CLOSING.execute(broker::close);
        }
    }

    /** A consumer that acknowledges what it has read. */
    static final class Reader implements AutoCloseable {

        private final Attachment consumer;
        private long frontier;

        private Reader(Attachment consumer) {
            this.consumer = consumer;
        }

        /** The next messages; fewer only if no more come within ten seconds. */
        List<StoredMessage> read(int count) throws InterruptedException {
            List<StoredMessage> messages = new ArrayList<>();
            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (messages.size() < count && System.nanoTime() < deadline) {
                messages.addAll(next(count - messages.size(), Duration.ofMillis(500)));
            }
            return messages;
        }

        /** What comes within a while. */
        List<StoredMessage> next(int most, Duration wait) throws InterruptedException {
            List<StoredMessage> messages = peek(most, wait);
            acknowledge();
            return messages;
        }

        /** What comes within a while, without acknowledging it. */
        List<StoredMessage> peek(int most, Duration wait) throws InterruptedException {
            ReadBatch batch = consumer.read(most, 16 << 20, wait);
            frontier = batch.frontier();
            return batch.messages();
        }

        /** Acknowledges all that was read. */
        void acknowledge() {
            consumer.acknowledge(LanePositions.all(frontier - 1));
        }

        @Override
        public void close() {
            consumer.close();
        }
    }
}
