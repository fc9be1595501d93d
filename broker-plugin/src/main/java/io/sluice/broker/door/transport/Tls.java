package io.sluice.broker.door.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.sluice.tls.FollowedStore;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsException;
import javax.net.ssl.SSLException;

/** TLS of the listeners. A handshake waits for nobody: revocation is checked after it. Thread-safe. */
public final class Tls {

    private final SslContext context;
    private final long handshakeTimeoutMs;

    /**
     * @param handshakeTimeoutMs how long a handshake may take, in milliseconds
     * @throws TlsException if a file cannot be read or its password is wrong
     */
    public Tls(TlsConfig config, long handshakeTimeoutMs) {
        this.handshakeTimeoutMs = handshakeTimeoutMs;
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
            config.trustStore().ifPresent(store -> builder.trustManager(FollowedStore.trust(store)));
            this.context = builder.build();
        } catch (SSLException e) {
            throw new TlsException("The broker's TLS listeners cannot be set up: " + e.getMessage(), e);
        }
    }

    SslHandler handler(ByteBufAllocator allocator) {
        SslHandler handler = new OneHandshake(context.newEngine(allocator));
        handler.setHandshakeTimeoutMillis(handshakeTimeoutMs);
        return handler;
    }
}
