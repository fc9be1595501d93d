package io.sluice.broker.server;

import io.moquette.broker.config.FileResourceLoader;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.ResourceLoaderConfig;
import io.moquette.interception.AbstractInterceptHandler;
import io.moquette.interception.messages.InterceptPublishMessage;
import io.netty.buffer.ByteBufUtil;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.Interest;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.remote.DrainConfig;
import io.sluice.remote.DrainServer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sluice in a Moquette 0.18 that was started by its own script: {@code intercept.handler} of its configuration names this
 * class. Reads {@code sluice.buffer.*} and {@code sluice.drain.*} from the same file; relative paths are relative to
 * Moquette's home.
 *
 * <p>Moquette acknowledges a publish before its handlers hear of it, and drops some under load. So this promises less than
 * the standalone broker, and says so when it starts. Thread-safe.
 */
public final class StockMoquette extends AbstractInterceptHandler {

    private static final Logger LOG = LoggerFactory.getLogger(StockMoquette.class);

    /** Prefixes of the keys that have an effect here. */
    private static final List<String> READ = List.of("sluice.buffer.", "sluice.drain.");

    /** Of the largest heap, for messages that wait until the buffer has space. */
    private static final int SHARE_OF_HEAP = 8;

    private @Nullable SharedBuffer opened;
    private @Nullable WaitingMessages messages;

    @Override
    public String getID() {
        return "sluice";
    }

    /**
     * Opens the buffer. Moquette calls this on the thread that starts the server, and nothing in between swallows an
     * exception; if it cannot be opened, the server does not start.
     */
    @Override
    public Class<?>[] getInterceptedMessageTypes() {
        if (opened == null) {
            try {
                SharedBuffer buffer = open();
                messages = new WaitingMessages(buffer, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
                opened = buffer;
            } catch (RuntimeException e) {
                // Moquette's own program ends without a word.
                LOG.error("The server is not started: {}", e.getMessage());
                throw e;
            }
            LOG.warn("Sluice captures from this Moquette what Moquette shows to its handlers. Moquette acknowledges"
                    + " messages before that: a crash loses some that were acknowledged, and under load Moquette drops"
                    + " some. Last wills and MQTT 5 properties are not captured. The standalone broker, sluice-broker,"
                    + " has none of these limits.");
        }
        return new Class<?>[] {InterceptPublishMessage.class};
    }

    private static SharedBuffer open() {
        Path home = Path.of(System.getProperty("moquette.path", "")).toAbsolutePath();
        IConfig config = new ResourceLoaderConfig(
                new FileResourceLoader(home.resolve(IConfig.DEFAULT_CONFIG).toFile()));
        Function<String, Optional<String>> written =
                key -> Optional.of(config.getProperty(key, "")).filter(text -> !text.isBlank());
        List<String> unread = unread(written);
        if (!unread.isEmpty()) {
            LOG.warn(
                    "Keys of Sluice that have no effect in a stock Moquette, where only sluice.buffer.* and sluice.drain.*"
                            + " have one: {}. The standalone broker, sluice-broker, has them all.",
                    String.join(", ", unread));
        }
        FileSettings settings = ServerConfig.sluiceKeys(written, home);
        BufferConfig wanted = ServerConfig.buffer(settings);
        Optional<DrainConfig> served = ServerKeys.drain(settings);
        SharedBuffer buffer = SharedBuffer.open(wanted);
        Optional<DrainServer> drain;
        try {
            drain = served.map(drained -> DrainServer.start(buffer, drained));
        } catch (RuntimeException | Error e) {
            buffer.close();
            throw e;
        }
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            try (buffer) {
                                drain.ifPresent(DrainServer::close);
                            }
                        },
                        "sluice-broker-end"));
        LOG.info("Messages are kept {}", wanted.dir().map(dir -> "in " + dir).orElse("in memory"));
        return buffer;
    }

    /** Keys that are set and that nothing reads. */
    static List<String> unread(Function<String, Optional<String>> written) {
        return ServerKeys.all().stream()
                .map(key -> ServerKeys.PREFIX + key.name())
                .filter(key -> READ.stream().noneMatch(key::startsWith))
                .filter(key -> written.apply(key).isPresent())
                .toList();
    }

    @Override
    public void onPublish(InterceptPublishMessage publish) {
        try {
            if (Objects.requireNonNull(opened).interest(publish.getTopicName()) != Interest.NONE) {
                Objects.requireNonNull(messages).append(message(publish));
            }
        } finally {
            publish.getPayload().release();
        }
    }

    private static Message message(InterceptPublishMessage publish) {
        return new Message(
                MessageKind.PUBLISH,
                publish.getClientID(),
                Optional.ofNullable(publish.getUsername()),
                Optional.empty(),
                publish.getTopicName(),
                Qos.ofLevel(publish.getQos().value()),
                publish.isRetainFlag(),
                publish.isDupFlag(),
                0,
                System.currentTimeMillis(),
                PublishProperties.NONE,
                ByteBuffer.wrap(ByteBufUtil.getBytes(publish.getPayload())));
    }

    @Override
    public void onSessionLoopError(Throwable error) {
        LOG.error("A session loop of Moquette has died: its clients wait until the server is started again", error);
    }
}
