package io.sluice.status;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sluice.tls.FollowedStore;
import io.sluice.tls.SocketUri;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsException;
import io.sluice.tls.Tokens;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Serves the status over HTTP. All of it runs on one separate thread, so that requests, whatever they are, delay
 * nothing but other requests. Thread-safe.
 */
final class StatusServer implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int LONGEST_LINE = 4 << 10;
    private static final int LONGEST_HEADERS = 8 << 10;

    private final EventLoopGroup loop = new NioEventLoopGroup(1, new DefaultThreadFactory("sluice-status", true));
    private final OpenConnections connections = new OpenConnections();
    private final RequestPace pace = new RequestPace(System.nanoTime());
    private final Channel listening;
    private final StatusAddress address;

    private StatusServer(
            StatusAddress wanted,
            StatusAnswers answers,
            RequestCheck check,
            Optional<SslContext> tls,
            Duration patience)
            throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        begin(channel, answers, check, tls, patience);
                    }
                })
                .bind(wanted.host(), wanted.port())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException(SocketUri.whyNotBound(bound.cause()), bound.cause());
        }
        this.listening = bound.channel();
        this.address = new StatusAddress(
                wanted.encrypted(), wanted.host(), ((InetSocketAddress) listening.localAddress()).getPort());
    }

    /**
     * @param patience how long a request may take to come, and an answer to leave
     * @throws StatusException if a file cannot be used
     * @throws IOException if the address cannot be bound
     */
    static StatusServer start(StatusConfig config, StatusAnswers answers, Duration patience) throws IOException {
        Optional<SslContext> tls = config.tls().map(StatusServer::tls);
        Optional<Tokens> tokens = config.tokenFile().map(StatusServer::tokens);
        return new StatusServer(config.listener(), answers, new RequestCheck(tokens), tls, patience);
    }

    private static Tokens tokens(Path file) {
        try {
            return new Tokens(file);
        } catch (IOException e) {
            throw new StatusException("status.token.file cannot be used: " + e.getMessage(), e);
        }
    }

    /** TLS 1.3 only: a client cannot ask for one handshake after the other. */
    private static SslContext tls(TlsConfig config) {
        try {
            return SslContextBuilder.forServer(FollowedStore.keys(config.keyStore(), config.keyPassword()))
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3")
                    .build();
        } catch (SSLException | TlsException e) {
            throw new StatusException("TLS of the status cannot be set up: " + e.getMessage(), e);
        }
    }

    private void begin(
            Channel channel, StatusAnswers answers, RequestCheck check, Optional<SslContext> tls, Duration patience) {
        connections.enter(channel);
        tls.ifPresent(context -> {
            SslHandler handler = context.newHandler(channel.alloc());
            handler.setHandshakeTimeoutMillis(patience.toMillis());
            channel.pipeline().addLast(handler);
        });
        channel.pipeline()
                .addLast(
                        new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, LONGEST_LINE),
                        new HttpObjectAggregator(0, true),
                        // One request at a time, however many come.
                        new FlowControlHandler(),
                        new RequestHandler(answers, check, pace, connections, patience));
    }

    /** Where it answers, with the port it is bound to. */
    StatusAddress address() {
        return address;
    }

    /** Closes the listener, and then its connections. Idempotent. */
    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
