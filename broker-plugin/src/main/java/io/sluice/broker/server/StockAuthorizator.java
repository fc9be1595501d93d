package io.sluice.broker.server;

import io.moquette.broker.config.IConfig;
import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.broker.subscriptions.Topic;
import io.sluice.broker.ForeignServer;
import io.sluice.buffer.BufferConfig;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code authorizator_class} of a stock Moquette with Sluice in it: see {@link StockMoquette}. Reads {@code
 * acl_file}, {@code sluice.buffer.*}, {@code sluice.drain.*} and {@code sluice.broker.fanout}; relative paths are relative to Moquette's home.
 */
public final class StockAuthorizator implements IAuthorizatorPolicy {

    private static final Logger LOG = LoggerFactory.getLogger(StockAuthorizator.class);

    private final IAuthorizatorPolicy rules;

    /**
     * Moquette makes it, on the thread that starts the server, before it opens listeners.
     *
     * @throws RuntimeException if messages cannot be captured; Moquette would go on without it, so the configuration is
     *     changed in such a way that it cannot
     */
    public StockAuthorizator(IConfig config) {
        try {
            rules = capture(config);
        } catch (RuntimeException e) {
            LOG.error("The server is not started: {}", e.getMessage());
            config.setProperty(IConfig.PORT_PROPERTY_NAME, "none, because " + e.getMessage());
            throw e;
        }
    }

    private static IAuthorizatorPolicy capture(IConfig config) {
        ForeignServer server = ForeignServer.announced()
                .orElseThrow(() -> new ConfigurationException("intercept.handler must be "
                        + StockMoquette.class.getName() + " where authorizator_class is "
                        + StockAuthorizator.class.getName()));
        Settings settings = new Settings(
                config,
                key -> !config.getProperty(key, "").isBlank(),
                Path.of(System.getProperty("moquette.path", "")).toAbsolutePath());
        BufferConfig buffer = ServerConfig.buffer(settings);
        IAuthorizatorPolicy rules = server.capture(
                config,
                buffer,
                settings.file(IConfig.ACL_FILE_PROPERTY_NAME),
                ServerConfig.fanout(settings),
                DrainKeys.read(settings));
        LOG.info(
                "Sluice captures from this Moquette {}. As in a broker of Sluice's own: messages are captured in order,"
                        + " and acknowledged when they are as safe as connectors ask; rules of acl_file hold for both;"
                        + " the server starts again after a crash, with its persistent sessions.",
                buffer.dir().map(dir -> "into " + dir).orElse("into memory"));
        LOG.warn("Not in a stock Moquette: a session loop that dies closes the listeners until somebody starts the"
                + " server again; unknown keys, a broken password_file and TLS files that cannot be used are not"
                + " refused; certificates are not renewed while it runs; other defaults are Moquette's, such as"
                + " netty.mqtt.message_size 8092.");
        return rules;
    }

    @Override
    public boolean canWrite(Topic topic, @Nullable String user, String client) {
        return rules.canWrite(topic, user, client);
    }

    @Override
    public boolean canRead(Topic topic, @Nullable String user, String client) {
        return rules.canRead(topic, user, client);
    }
}
