package io.sluice.broker.door;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.sluice.tls.FollowedStore;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsException;
import javax.net.ssl.SSLException;

/** Makes the TLS context of the listeners. */
final class Tls {

    private Tls() {}

    /**
     * A context that follows its files.
     *
     * @throws TlsException if a file cannot be read or its password is wrong
     */
    static SslContext context(TlsConfig config) {
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
            return builder.build();
        } catch (SSLException e) {
            throw new TlsException("The broker's TLS listeners cannot be set up: " + e.getMessage(), e);
        }
    }
}
