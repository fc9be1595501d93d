package io.sluice.remote;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.sluice.buffer.consumer.FencedException;
import io.sluice.buffer.record.BufferException;
import io.sluice.tls.FollowedStore;
import io.sluice.tls.TlsException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** Opens connections to one endpoint, and says what it means when they end. Thread-safe. */
final class Dialer {

    private static final int KEEP_ALIVE_SECONDS = 10;

    /** What may be on its way: enough for a distant broker. How much is asked for is up to the {@link BatchWindow}. */
    private static final int WINDOW_BYTES = 24 << 20;

    /**
     * The longest batch, also when it was unpacked: one record with all that a packet of MQTT holds, 256 MiB, and the
     * broker's texts about it. What claims to be longer is not taken into memory.
     */
    private static final int LONGEST_BATCH_BYTES = 258 << 20;

    static {
        FrameLogRedirect.keepTokensOut();
    }

    private final BufferEndpoint endpoint;
    private final Optional<String> token;
    private final Optional<SslContext> tls;

    /** @throws BufferException if a file of the credentials cannot be used */
    Dialer(BufferEndpoint endpoint, BufferCredentials credentials) {
        this.endpoint = endpoint;
        this.token = credentials.token().map(secret -> secret.value());
        this.tls = endpoint.encrypted() ? Optional.of(tls(credentials)) : Optional.empty();
    }

    private static SslContext tls(BufferCredentials credentials) {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient();
            credentials
                    .keyStore()
                    .ifPresent(store -> builder.keyManager(FollowedStore.keys(store, credentials.keyPassword())));
            credentials.trustStore().ifPresent(store -> builder.trustManager(FollowedStore.trust(store)));
            return GrpcSslContexts.configure(builder, SslProvider.JDK)
                    .protocols(credentials.terms().protocols())
                    .ciphers(credentials.terms().cipherSuites(), SupportedCipherSuiteFilter.INSTANCE)
                    .build();
        } catch (SSLException | TlsException e) {
            throw new BufferException("TLS towards the brokers cannot be set up: " + e.getMessage(), e);
        }
    }

    BufferEndpoint endpoint() {
        return endpoint;
    }

    private NettyChannelBuilder builder() {
        if (!endpoint.host().contains("_")) {
            return NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port());
        }
        // gRPC looks up no name that a host may not have.
        try {
            byte[] address = InetAddress.getByName(endpoint.host()).getAddress();
            return NettyChannelBuilder.forAddress(
                            new InetSocketAddress(InetAddress.getByAddress(address), endpoint.port()))
                    .overrideAuthority(endpoint.host());
        } catch (UnknownHostException e) {
            throw new BufferUnreachableException(
                    endpoint + " cannot be reached: the host name '" + endpoint.host() + "' is unknown", e);
        }
    }

    /**
     * A new channel for each attempt. It does not wait for what an earlier attempt left behind.
     *
     * @throws BufferUnreachableException if the host name is unknown; others than those with an underscore are looked up
     *     later
     */
    ManagedChannel dial() {
        NettyChannelBuilder builder = builder()
                .directExecutor()
                .flowControlWindow(WINDOW_BYTES)
                .maxInboundMessageSize(LONGEST_BATCH_BYTES)
                .decompressorRegistry(Compression.decompressors())
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
                .disableServiceConfigLookUp()
                .disableRetry();
        tls.ifPresentOrElse(builder::sslContext, builder::usePlaintext);
        token.ifPresent(text -> builder.intercept(new ShowToken(text)));
        return builder.build();
    }

    /** What the caller hears of a call that has ended. The cause is an {@link SSLException} if it was TLS that failed. */
    BufferException failure(Status status) {
        String said = Optional.ofNullable(status.getDescription())
                .or(() -> Optional.ofNullable(status.getCause()).map(Throwable::toString))
                .orElseGet(() -> status.getCode().toString());
        return switch (status.getCode()) {
            case ABORTED -> new FencedException(said);
            case FAILED_PRECONDITION, DATA_LOSS -> new BufferException(endpoint + ": " + said);
            case UNAUTHENTICATED, PERMISSION_DENIED ->
                new BufferException(endpoint + " does not let this worker in: " + said);
            case UNIMPLEMENTED ->
                new BufferException(endpoint + " is not the drain listener of a Sluice broker: " + said);
            default -> lost(status, said);
        };
    }

    private BufferException lost(Status status, String said) {
        String root = "";
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return new BufferException("TLS to " + endpoint + " failed: " + cause.getMessage(), cause);
            }
            root = cause.getMessage() == null ? "" : ": " + cause.getMessage();
        }
        return new BufferUnreachableException(endpoint + " cannot be reached: " + said + root
                + (endpoint.encrypted() ? "" : "; if that port speaks TLS, write ssl://"));
    }

    private record ShowToken(String token) implements ClientInterceptor {

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<A> listener, Metadata headers) {
                    headers.put(TokenCheck.AUTHORIZATION, TokenCheck.SCHEME + token);
                    super.start(listener, headers);
                }
            };
        }

        @Override
        public String toString() {
            return "ShowToken[hidden]";
        }
    }
}
