package io.sluice.broker.config;

import io.sluice.broker.BrokerConfig;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.access.JwtConfig;
import io.sluice.broker.config.BrokerKeys.Storage;
import io.sluice.broker.door.BrokerLimits;
import io.sluice.broker.door.ConnectionLimits;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.QueueLimits;
import io.sluice.broker.rate.ConnectRates;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.RateLimits;
import io.sluice.broker.session.SessionLimits;
import io.sluice.buffer.BufferConfig;
import io.sluice.tls.CertificateCheck;
import io.sluice.tls.Revocation;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Makes a broker's configuration of settings, and checks them across keys.
 *
 * <p>Safe by default: a broker that other machines can reach lets no client in without a password, unless its user says
 * so.
 *
 * @param settings the values of {@link BrokerKeys}
 */
public record BrokerSettings(KeyValues settings) {

    /** Mistakes across keys; the type of a key finds mistakes in its value alone. */
    public List<Mistake> check() {
        List<Mistake> mistakes = new ArrayList<>(checkBuffer());
        List<Listener> listeners = givenOrDefault(BrokerKeys.LISTENERS).orElse(List.of());
        listeners.stream()
                .filter(listener -> listener.transport().isEncrypted())
                .filter(listener -> settings.isAbsent(BrokerKeys.KEY_STORE.location()))
                .findFirst()
                .ifPresent(encrypted -> mistakes.add(settings.mistake(
                        BrokerKeys.KEY_STORE.location(),
                        " is not set: the listener " + encrypted
                                + " needs a key store with the broker's certificate and private key.")));
        BrokerKeys.KEY_STORE.check(settings).ifPresent(mistakes::add);
        BrokerKeys.TRUST_STORE.check(settings).ifPresent(mistakes::add);
        BrokerKeys.TERMS.check(settings).ifPresent(mistakes::add);
        if (requiresCertificates() && settings.isAbsent(BrokerKeys.TRUST_STORE.location())) {
            mistakes.add(settings.mistake(
                    BrokerKeys.TRUST_STORE.location(),
                    " is not set: "
                            + settings.assignment(BrokerKeys.CLIENT_AUTH, "required")
                            + " needs the issuers of device certificates; without them, the broker would accept any"
                            + " certificate that the JVM trusts."));
        }
        if (takesNamesFromCertificates() && !asksForCertificates()) {
            mistakes.add(settings.mistake(
                    BrokerKeys.PRINCIPAL,
                    " takes user names from client certificates, which no listener asks for: set "
                            + toAskForCertificates()));
        }
        checkRevocation().ifPresent(mistakes::add);
        if (settings.isAbsent(BrokerKeys.PASSWORD_FILE) && settings.isAbsent(BrokerKeys.JWT_KEYS)) {
            checkWithoutPasswords(listeners).ifPresent(mistakes::add);
        }
        return mistakes;
    }

    private Optional<Mistake> checkRevocation() {
        Optional<Key<?>> asking = settings.given(BrokerKeys.REVOCATION_LISTS).isPresent()
                ? Optional.of(BrokerKeys.REVOCATION_LISTS)
                : settings.given(BrokerKeys.OCSP)
                        .filter(ocsp -> ocsp != Revocation.Ocsp.NONE)
                        .map(ocsp -> BrokerKeys.OCSP);
        if (asking.isEmpty()) {
            return Optional.empty();
        }
        if (!asksForCertificates()) {
            return Optional.of(settings.mistake(
                    asking.get(),
                    " is about client certificates, which no listener asks for: set " + toAskForCertificates()));
        }
        return settings.isAbsent(BrokerKeys.TRUST_STORE.location())
                ? Optional.of(settings.mistake(
                        asking.get(),
                        " needs the issuers of client certificates: set "
                                + settings.name(BrokerKeys.TRUST_STORE.location()) + "."))
                : Optional.empty();
    }

    private boolean asksForCertificates() {
        return settings.given(BrokerKeys.CLIENT_AUTH)
                .filter(wanted -> wanted != ClientAuth.NONE)
                .isPresent();
    }

    private String toAskForCertificates() {
        return settings.assignment(BrokerKeys.CLIENT_AUTH, "required") + " or "
                + settings.assignment(BrokerKeys.CLIENT_AUTH, "requested") + ".";
    }

    private Optional<Mistake> checkWithoutPasswords(List<Listener> listeners) {
        Optional<Boolean> allowAnonymous = settings.given(BrokerKeys.ALLOW_ANONYMOUS);
        if (allowAnonymous.isEmpty() && settings.isAbsent(BrokerKeys.ALLOW_ANONYMOUS)) {
            return listeners.stream()
                    .filter(listener -> !isGuarded(listener))
                    .findFirst()
                    .map(open -> settings.mistake(
                            BrokerKeys.LISTENERS,
                            " has " + open + ", which other machines can reach,"
                                    + " and nothing says who may connect: name a "
                                    + settings.name(BrokerKeys.PASSWORD_FILE) + ", set "
                                    + settings.name(BrokerKeys.JWT_KEYS) + " for tokens, serve TLS with "
                                    + settings.assignment(BrokerKeys.CLIENT_AUTH, "required") + ", or set "
                                    + settings.assignment(BrokerKeys.ALLOW_ANONYMOUS, "true")
                                    + " to let everyone in."));
        }
        return allowAnonymous
                .filter(allowed -> !allowed && !certificatesNameUsers(listeners))
                .map(nobody -> new Mistake(
                        BrokerKeys.ALLOW_ANONYMOUS,
                        settings.assignment(BrokerKeys.ALLOW_ANONYMOUS, "false")
                                + " lets no client connect, as nothing says who may: name a "
                                + settings.name(BrokerKeys.PASSWORD_FILE) + ", set "
                                + settings.name(BrokerKeys.JWT_KEYS)
                                + " for tokens, or take user names from client certificates with "
                                + settings.name(BrokerKeys.PRINCIPAL) + "."));
    }

    private boolean takesNamesFromCertificates() {
        return settings.given(BrokerKeys.PRINCIPAL)
                .filter(source -> source != CertificateNames.Source.NONE)
                .isPresent();
    }

    private boolean certificatesNameUsers(List<Listener> listeners) {
        return takesNamesFromCertificates()
                && asksForCertificates()
                && listeners.stream().anyMatch(listener -> listener.transport().isEncrypted());
    }

    /** Whether strangers on other machines are kept out without passwords. */
    private boolean isGuarded(Listener listener) {
        return (listener.isLoopback() && !isBehindLoadBalancer())
                || (requiresCertificates() && listener.transport().isEncrypted());
    }

    /** Then clients of other machines come from this one. */
    private boolean isBehindLoadBalancer() {
        return settings.given(BrokerKeys.PROXY_PROTOCOL).equals(Optional.of(true));
    }

    private boolean requiresCertificates() {
        return settings.given(BrokerKeys.CLIENT_AUTH).equals(Optional.of(ClientAuth.REQUIRED));
    }

    /** Mistakes across the keys of the buffer. */
    public List<Mistake> checkBuffer() {
        List<Mistake> mistakes = new ArrayList<>();
        if (isOnDisk() && settings.isAbsent(BrokerKeys.DIR)) {
            mistakes.add(settings.mistake(
                    BrokerKeys.DIR,
                    " is not set: name a folder for this broker alone that outlives its"
                            + " process, such as /var/lib/sluice/iot, or set "
                            + settings.assignment(BrokerKeys.STORAGE, "memory") + "."));
        }
        Optional<Long> maxBytes = givenOrDefault(BrokerKeys.MAX_BYTES);
        Optional<Long> segmentBytes = givenOrDefault(BrokerKeys.SEGMENT_BYTES);
        if (maxBytes.isPresent() && segmentBytes.isPresent() && maxBytes.get() < 2 * segmentBytes.get()) {
            mistakes.add(settings.mistake(
                    BrokerKeys.MAX_BYTES,
                    " is " + maxBytes.get() + ", less than two segments of "
                            + segmentBytes.get() + " bytes: set it to " + 2 * segmentBytes.get() + " or more, or "
                            + settings.name(BrokerKeys.SEGMENT_BYTES) + " to less."));
        }
        return mistakes;
    }

    private <T> Optional<T> givenOrDefault(Key<T> key) {
        return settings.given(key).or(() -> key.byDefault().filter(value -> settings.isAbsent(key)));
    }

    /** Whether the buffer is to be on disk; false if the value is not valid. */
    private boolean isOnDisk() {
        return givenOrDefault(BrokerKeys.STORAGE).equals(Optional.of(Storage.DISK));
    }

    /**
     * The broker, if {@link #check} finds nothing.
     *
     * @param name its name
     * @param linger how long listeners stay open after its last user has left
     * @param buffer see {@link #buffer}
     */
    public BrokerConfig broker(String name, Duration linger, BufferConfig buffer) {
        List<Listener> listeners = settings.value(BrokerKeys.LISTENERS);
        Optional<Path> passwordFile = settings.given(BrokerKeys.PASSWORD_FILE);
        boolean allowAnonymous = settings.given(BrokerKeys.ALLOW_ANONYMOUS)
                .orElseGet(() -> passwordFile.isEmpty()
                        && settings.isAbsent(BrokerKeys.JWT_KEYS)
                        && listeners.stream().allMatch(this::isGuarded));
        return new BrokerConfig(
                name,
                listeners,
                settings.value(BrokerKeys.PROXY_PROTOCOL),
                new AccessConfig(
                        allowAnonymous,
                        passwordFile,
                        settings.given(BrokerKeys.ACL_FILE),
                        new CertificateNames(
                                settings.value(BrokerKeys.PRINCIPAL), settings.value(BrokerKeys.PRINCIPAL_RULES)),
                        tokens(),
                        certificates(),
                        settings.given(BrokerKeys.CLIENT_ID_PATTERN)),
                tls(),
                whole(BrokerKeys.MAX_MESSAGE_BYTES),
                limits(),
                Duration.ofMillis(settings.value(BrokerKeys.SESSION_EXPIRY)),
                settings.value(BrokerKeys.FANOUT),
                settings.given(BrokerKeys.WEBSOCKET_ORIGINS).orElse(List.of()),
                linger,
                buffer);
    }

    private Optional<JwtConfig> tokens() {
        return settings.given(BrokerKeys.JWT_KEYS)
                .map(keys -> new JwtConfig(
                        keys,
                        settings.given(BrokerKeys.JWT_ISSUER),
                        settings.given(BrokerKeys.JWT_AUDIENCE),
                        settings.value(BrokerKeys.JWT_USERNAME),
                        settings.given(BrokerKeys.JWT_PUBLISH),
                        settings.given(BrokerKeys.JWT_SUBSCRIBE)));
    }

    private Optional<CertificateCheck> certificates() {
        Revocation revocation =
                new Revocation(settings.given(BrokerKeys.REVOCATION_LISTS), settings.value(BrokerKeys.OCSP));
        return BrokerKeys.TRUST_STORE
                .store(settings)
                .filter(issuers -> revocation.isChecked())
                .map(issuers -> new CertificateCheck(issuers, revocation));
    }

    private Optional<TlsConfig> tls() {
        return BrokerKeys.KEY_STORE
                .store(settings)
                .map(keys -> new TlsConfig(
                        keys,
                        settings.given(BrokerKeys.KEY_PASSWORD),
                        BrokerKeys.TRUST_STORE.store(settings),
                        settings.value(BrokerKeys.CLIENT_AUTH),
                        BrokerKeys.TERMS.terms(settings)));
    }

    private BrokerLimits limits() {
        int connections = whole(BrokerKeys.CONNECTIONS_MAX, ConnectionLimits.defaultMax());
        return new BrokerLimits(
                new ConnectionLimits(
                        connections, whole(BrokerKeys.CONNECTIONS_MAX_PER_ADDRESS, Math.max(1, connections / 2))),
                Duration.ofMillis(settings.value(BrokerKeys.CONNECT_TIMEOUT)),
                Duration.ofMillis(settings.value(BrokerKeys.STALL_TIMEOUT)),
                Duration.ofSeconds(settings.value(BrokerKeys.KEEP_ALIVE_MAX)),
                new QueueLimits(
                        settings.given(BrokerKeys.QUEUED_MAX_BYTES).orElseGet(QueueLimits::defaultMaxBytes),
                        settings.value(BrokerKeys.CONNECTION_QUEUED_MAX_BYTES)),
                rates(),
                new SessionLimits(
                        whole(BrokerKeys.SESSIONS_MAX, SessionLimits.DEFAULT.sessions()),
                        whole(BrokerKeys.SESSION_QUEUE_MAX_MESSAGES),
                        settings.value(BrokerKeys.SESSION_QUEUE_MAX_BYTES),
                        whole(BrokerKeys.SUBSCRIPTIONS_MAX),
                        whole(BrokerKeys.ALL_SUBSCRIPTIONS_MAX, SessionLimits.DEFAULT.allSubscriptions()),
                        whole(BrokerKeys.RETAINED_MAX_MESSAGES),
                        settings.value(BrokerKeys.RETAINED_MAX_BYTES),
                        SessionLimits.DEFAULT.storedBytes()));
    }

    private RateLimits rates() {
        return new RateLimits(
                new PublishRates(
                        rate(BrokerKeys.CLIENT_PUBLISHES, BrokerKeys.CLIENT_BYTES),
                        rate(BrokerKeys.USER_PUBLISHES, BrokerKeys.USER_BYTES),
                        rate(BrokerKeys.PUBLISHES, BrokerKeys.BYTES),
                        settings.value(BrokerKeys.PUBLISH_EXCESS)),
                new ConnectRates(
                        whole(BrokerKeys.CONNECTS),
                        whole(BrokerKeys.ADDRESS_CONNECTS),
                        whole(BrokerKeys.CLIENT_CONNECTS)),
                Duration.ofMillis(settings.value(BrokerKeys.LOGIN_DELAY)));
    }

    private PublishRates.Limit rate(Key<Long> messages, Key<Long> bytes) {
        return new PublishRates.Limit(ifGiven(messages), ifGiven(bytes));
    }

    private OptionalLong ifGiven(Key<Long> key) {
        return settings.given(key).map(OptionalLong::of).orElseGet(OptionalLong::empty);
    }

    /** The buffer, if {@link #checkBuffer} finds nothing. */
    public BufferConfig buffer() {
        return new BufferConfig(
                settings.given(BrokerKeys.DIR).filter(dir -> isOnDisk()),
                settings.value(BrokerKeys.MAX_BYTES),
                settings.value(BrokerKeys.OVERFLOW),
                whole(BrokerKeys.SEGMENT_BYTES),
                Duration.ofMillis(settings.value(BrokerKeys.RETENTION)),
                Duration.ofMillis(settings.value(BrokerKeys.CONSUMER_EXPIRY)));
    }

    private int whole(Key<Long> key, int otherwise) {
        return settings.given(key).map(Math::toIntExact).orElse(otherwise);
    }

    private int whole(Key<Long> key) {
        return Math.toIntExact(settings.value(key));
    }
}
