package io.sluice.remote;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.BufferException;
import io.sluice.tls.FollowedStore;
import io.sluice.tls.SocketUri;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsException;
import io.sluice.tls.Tokens;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the buffer of a broker to workers on other machines.
 *
 * <p>Each worker's task is a {@link DrainSession}: it has a separate attachment to the buffer, and a thread that reads
 * the log for it. Nothing that waits runs on the threads that serve the network. A certificate, a
 * {@linkplain TokenCheck token}, or both decide whether a worker is let in, before anything is read of what it says.
 * Thread-safe.
 */
public final class DrainServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DrainServer.class);

    /** What a worker sends is short; its filters are the longest of it. */
    private static final int LONGEST_REQUEST = 4 << 20;

    private static final int KEEP_ALIVE_SECONDS = 10;

    /** Each task has one for each broker. */
    private static final int MOST_CONNECTIONS = 1_024;

    /**
     * Calls that are open on one connection. A worker's has its attachment and a question or two. A call stays in memory until
     * the other end has read its answer, also one that was refused.
     */
    private static final int MOST_CALLS = 32;

    static {
        FrameLogRedirect.keepTokensOut();
    }

    private final BufferEndpoint endpoint;
    private final Refusals refusals = new Refusals();
    private final DrainService service;
    private final ExecutorService threads =
            Executors.newCachedThreadPool(new DefaultThreadFactory("sluice-drain", true));
    private final EventLoopGroup acceptor;
    private final EventLoopGroup network;
    private final Server server;

    private DrainServer(SharedBuffer buffer, DrainConfig config) throws IOException {
        BufferEndpoint wanted = config.listener();
        this.service = new DrainService(buffer, threads, refusals);
        WorkerPlaces places = new WorkerPlaces(refusals, MOST_CONNECTIONS);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(wanted.host(), wanted.port()))
                .addService(service)
                .executor(threads)
                .maxInboundMessageSize(LONGEST_REQUEST)
                .maxConcurrentCallsPerConnection(MOST_CALLS)
                .compressorRegistry(Compression.compressors())
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
                .intercept(new TokenCheck(config.tokenFile().map(DrainServer::tokens), places, refusals));
        if (wanted.encrypted()) {
            builder.sslContext(tls(config.tls().orElseThrow()));
        }
        this.acceptor = loops(1);
        this.network = loops(0);
        try {
            this.server = builder.bossEventLoopGroup(acceptor)
                    .workerEventLoopGroup(network)
                    .channelFactory(() -> new WorkerListener(places, refusals, wanted.encrypted()))
                    .build()
                    .start();
        } catch (IOException | RuntimeException | Error e) {
            endThreads();
            throw e;
        }
        this.endpoint = new BufferEndpoint(wanted.encrypted(), wanted.host(), server.getPort());
    }

    private static EventLoopGroup loops(int count) {
        return new MultiThreadIoEventLoopGroup(
                count, new DefaultThreadFactory("sluice-drain-io", true), NioIoHandler.newFactory());
    }

    private static Tokens tokens(Path file) {
        try {
            return new Tokens(file);
        } catch (IOException e) {
            throw new BufferException("sluice.drain.token.file cannot be used: " + e.getMessage(), e);
        }
    }

    private static SslContext tls(TlsConfig config) {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(
                            FollowedStore.keys(config.keyStore(), config.keyPassword()))
                    .clientAuth(
                            switch (config.clientAuth()) {
                                case NONE -> ClientAuth.NONE;
                                case REQUESTED -> ClientAuth.OPTIONAL;
                                case REQUIRED -> ClientAuth.REQUIRE;
                            });
            config.trustStore().ifPresent(store -> builder.trustManager(FollowedStore.trust(store)));
            return GrpcSslContexts.configure(builder, SslProvider.JDK)
                    .protocols(config.terms().protocols())
                    .ciphers(config.terms().cipherSuites(), SupportedCipherSuiteFilter.INSTANCE)
                    .build();
        } catch (SSLException | TlsException e) {
            throw new BufferException("TLS of the buffer's listener cannot be set up: " + e.getMessage(), e);
        }
    }

    /**
     * Begins to serve a buffer, which must stay open until this server is closed.
     *
     * @throws BufferException if it cannot: the port is taken, a file cannot be used
     */
    public static DrainServer start(SharedBuffer buffer, DrainConfig config) {
        try {
            DrainServer started = new DrainServer(buffer, config);
            LOG.info("The buffer {} is served at {}", buffer.id(), started.endpoint);
            return started;
        } catch (IOException e) {
            throw new BufferException(
                    "The buffer cannot be served at " + config.listener() + ": " + SocketUri.whyNotBound(e), e);
        }
    }

    /** Where it is served, with the port it is bound to. */
    public BufferEndpoint endpoint() {
        return endpoint;
    }

    /** What has happened since it began. */
    public DrainStats stats() {
        return new DrainStats(service.attached(), service.sentBytes(), refusals.counts());
    }

    /** Ends all attachments, and stops. The workers come back when the buffer is served again. Idempotent. */
    @Override
    public void close() {
        server.shutdown();
        try {
            service.stop();
            if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
                server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        } finally {
            endThreads();
        }
    }

    private void endThreads() {
        threads.shutdown();
        acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        network.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
