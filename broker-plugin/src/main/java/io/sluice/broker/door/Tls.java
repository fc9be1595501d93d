package io.sluice.broker.door;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.concurrent.ImmediateExecutor;
import io.sluice.tls.FollowedStore;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * TLS of the listeners. Where it is checked whether a certificate was taken back, other threads than those that serve devices
 * do it: they may wait for an issuer's responder, or go through a long list. Thread-safe.
 */
final class Tls implements AutoCloseable {

    private static final int THREADS = 64;
    private static final long IDLE_SECONDS = 10;

    /** Handshakes that wait for a thread, also those whose connection is gone. */
    private static final int MOST_WAITING = 4_096;

    private static final long LONGEST_RESUMED_SECONDS = 300;

    private final SslContext context;
    private final long handshakeTimeoutMs;
    private final Optional<ThreadPoolExecutor> threads;

    /**
     * Reads the files.
     *
     * @param handshakeTimeoutMs how long a handshake may take, in milliseconds
     * @throws TlsException if a file cannot be read or its password is wrong
     */
    Tls(TlsConfig config, long handshakeTimeoutMs) {
        this.context = context(config);
        this.handshakeTimeoutMs = handshakeTimeoutMs;
        this.threads = config.revocation().isChecked() ? Optional.of(threads()) : Optional.empty();
    }

    private static SslContext context(TlsConfig config) {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(
                            FollowedStore.keys(config.keyStore(), config.keyPassword()))
                    .sslProvider(SslProvider.JDK)
                    .protocols(config.terms().protocols())
                    .ciphers(config.terms().cipherSuites(), SupportedCipherSuiteFilter.INSTANCE)
                    .clientAuth(
                            switch (config.clientAuth()) {
                                case NONE -> ClientAuth.NONE;
                                case REQUESTED -> ClientAuth.OPTIONAL;
                                case REQUIRED -> ClientAuth.REQUIRE;
                            });
            config.trustStore()
                    .ifPresent(store -> builder.trustManager(FollowedStore.trust(store, config.revocation())));
            if (config.revocation().isChecked()) {
                builder.sessionTimeout(LONGEST_RESUMED_SECONDS); // a session that is resumed asks nobody
            }
            return builder.build();
        } catch (SSLException e) {
            throw new TlsException("The broker's TLS listeners cannot be set up: " + e.getMessage(), e);
        }
    }

    /** A handshake that finds too many others waiting fails. */
    private static ThreadPoolExecutor threads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), task -> {
                    Thread thread = new Thread(task, "sluice-handshake");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** What speaks TLS on a new connection. */
    SslHandler handler(ByteBufAllocator allocator) {
        Executor tasks = threads.<Executor>map(pool -> pool).orElse(ImmediateExecutor.INSTANCE);
        SslHandler handler = new OneHandshake(context.newEngine(allocator), tasks);
        handler.setHandshakeTimeoutMillis(handshakeTimeoutMs);
        return handler;
    }

    @Override
    public void close() {
        threads.ifPresent(ThreadPoolExecutor::shutdownNow);
    }
}
