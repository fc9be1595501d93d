package io.sluice.broker.access;

import io.moquette.broker.security.IAuthorizatorPolicy;
import io.sluice.broker.access.LoginResult.Accepted;
import io.sluice.broker.access.LoginResult.Refused;
import io.sluice.broker.packet.Reason;
import io.sluice.thread.DaemonThreads;
import io.sluice.thread.Repeated;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may connect, and who may publish and subscribe to which topics.
 *
 * <p>A password is never hashed on the calling thread, nor for a client that no longer waits. When too many logins wait, the
 * next one is refused at once. Thread-safe.
 */
public final class AccessControl implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AccessControl.class);

    /** The method of enhanced authentication (MQTT 5 section 4.12): the data is a token. */
    private static final String TOKEN_METHOD = "OAUTH2-JWT";

    private static final long LOOK_EVERY_MS = 1_000;

    private final AccessConfig config;
    private final Optional<FollowedRules<PasswordFile>> passwords;
    private final Optional<JwtLogin> tokens;
    private final Optional<RevokedCertificates> revoked;
    private final IAuthorizatorPolicy rights;
    private final AuditLog audit = new AuditLog();
    private final LoginThreads threads;
    /** Separate threads, since a token may wait for keys from the network. */
    private final LoginThreads tokenThreads;

    private final Optional<CertificateChecks> certificates;
    private final ScheduledExecutorService watch;
    private volatile Runnable whenChanged = () -> {};

    /** @param mostWaiting how many logins wait at most for one thing */
    AccessControl(AccessConfig config, IAuthorizatorPolicy rights, int mostWaiting) {
        this.config = config;
        this.passwords =
                config.passwordFile().map(file -> new FollowedRules<>("password file", file, PasswordFile::parse));
        this.revoked = config.certificates().map(RevokedCertificates::new);
        this.tokens = config.tokens().map(JwtLogin::new);
        this.rights = rights;
        this.threads = LoginThreads.computing("sluice-login", "passwords", mostWaiting);
        this.tokenThreads = LoginThreads.computing("sluice-token", "tokens", mostWaiting);
        this.certificates = revoked.map(known -> new CertificateChecks(
                known,
                new LoginThreads("sluice-revocation", "certificates", LoginThreads.MOST_ASKED, mostWaiting),
                mostWaiting));
        this.watch = Executors.newSingleThreadScheduledExecutor(new DaemonThreads("sluice-access"));
        passwords.ifPresent(rules -> watch(rules::look));
        revoked.ifPresent(lists -> watch(lists::look));
        tokens.ifPresent(keys -> watch(keys::look));
        if (rights instanceof Rights own) {
            watch(own::look);
        }
    }

    /** Each on its own: one that fails keeps none of the others from being looked at. */
    private void watch(BooleanSupplier look) {
        Repeated looking = new Repeated(
                () -> {
                    if (look.getAsBoolean()) {
                        whenChanged.run();
                    }
                },
                e -> LOG.error("The broker cannot check now whether files of passwords and rules have changed", e));
        watch.scheduleWithFixedDelay(looking, LOOK_EVERY_MS, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * Reads the files that a configuration names.
     *
     * @throws AccessException if one cannot be read or understood
     */
    public static AccessControl of(AccessConfig config) {
        return of(config, Rights.of(config.aclFile()));
    }

    /**
     * With another policy for topics.
     *
     * @param rights who may read and write which topics
     * @throws AccessException if another file cannot be read or understood
     */
    public static AccessControl of(AccessConfig config, IAuthorizatorPolicy rights) {
        return new AccessControl(config, rights, LoginThreads.MOST_WAITING);
    }

    /** Who may read and write which topics: the front door and Moquette ask the same instance. */
    public IAuthorizatorPolicy rights() {
        return rights;
    }

    /** The log of who connected, disconnected and was refused. */
    public AuditLog audit() {
        return audit;
    }

    /** A number that changes whenever {@link #rights} may decide differently. */
    public int rightsVersion() {
        return rights instanceof Rights own ? own.version() : 0;
    }

    /** Runs an action, on a separate thread, whenever a grant may have been withdrawn. */
    public void whenChanged(Runnable action) {
        whenChanged = action;
    }

    /**
     * Decides whether a client may connect.
     *
     * @param decided called once, on any thread, perhaps before this returns; not if they have left meanwhile
     */
    public void admit(Credentials credentials, Consumer<LoginResult> decided) {
        Optional<String> objection =
                revoked.flatMap(known -> credentials.certificate().flatMap(known::listed));
        if (objection.isPresent()) {
            // First, so that a client with a stolen key cannot guess passwords.
            decided.accept(new Refused(Reason.NOT_AUTHORIZED, objection.get()));
            return;
        }
        identify(credentials, result -> {
            LoginResult identified = withIdentifier(credentials, result);
            if (identified instanceof Accepted accepted && !credentials.chain().isEmpty() && certificates.isPresent()) {
                // Last, so that nobody asks an issuer about a device that is not let in anyway.
                certificates.get().check(credentials, accepted, decided);
            } else {
                decided.accept(identified);
            }
        });
    }

    /** Whether clients may use a method of enhanced authentication (MQTT 5 section 4.12). */
    public boolean takesMethod(String method) {
        return tokens.isPresent() && method.equals(TOKEN_METHOD);
    }

    /** Whether a session belongs to the user who made it. */
    public boolean sessionsHaveOwners() {
        return config.clientIds().isEmpty() && config.checksUsers();
    }

    /** For a long identifier, the expression may need more stack than there is. */
    private LoginResult withIdentifier(Credentials credentials, LoginResult result) {
        try {
            if (result instanceof Accepted accepted
                    && config.clientIds().isPresent()
                    && !config.clientIds().get().allows(accepted.username(), credentials.clientId())) {
                return new Refused(
                        Reason.CLIENT_IDENTIFIER_NOT_VALID,
                        "its user may not take this client identifier, which must be "
                                + config.clientIds().get());
            }
            return result;
        } catch (RuntimeException | StackOverflowError e) {
            return new Refused(Reason.UNSPECIFIED_ERROR, "its client identifier cannot be checked: " + e);
        }
    }

    private LoginResult identify(X509Certificate certificate, Credentials credentials) {
        Optional<String> user = config.certificateNames().user(certificate);
        if (user.isEmpty()) {
            return new Refused(
                    Reason.NOT_AUTHORIZED,
                    "its certificate, of " + CertificateNames.subject(certificate) + ", names no user");
        }
        if (credentials.username().isPresent() && !credentials.username().equals(user)) {
            return new Refused(
                    Reason.BAD_USER_NAME_OR_PASSWORD,
                    "it sends the user name '" + credentials.username().get() + "', but its certificate is that of '"
                            + user.get() + "'");
        }
        return new Accepted(user, AccessGrant.ALWAYS);
    }

    /** A token is refused if the certificate names another user. */
    private LoginResult identifyByToken(Credentials credentials) {
        LoginResult ofToken = tokens.orElseThrow().check(credentials);
        if (ofToken instanceof Accepted accepted
                && credentials.certificate().isPresent()
                && !config.certificateNames().equals(CertificateNames.NONE)
                && !config.certificateNames()
                        .user(credentials.certificate().get())
                        .equals(accepted.username())) {
            return new Refused(
                    Reason.NOT_AUTHORIZED,
                    "its token is that of '" + accepted.username().orElse("") + "', and its certificate is not");
        }
        return ofToken;
    }

    private void identify(Credentials credentials, Consumer<LoginResult> decided) {
        if (credentials.token().isPresent()) {
            later(tokenThreads, credentials, decided, () -> identifyByToken(credentials));
            return;
        }
        if (credentials.certificate().isPresent() && !config.certificateNames().equals(CertificateNames.NONE)) {
            decided.accept(identify(credentials.certificate().get(), credentials));
            return;
        }
        boolean showsToken = tokens.isPresent()
                && credentials.password().filter(JwtLogin::looksLikeOne).isPresent();
        if (credentials.username().isEmpty() && !showsToken) {
            decided.accept(
                    config.allowAnonymous()
                            ? new Accepted(Optional.empty(), AccessGrant.ALWAYS)
                            : new Refused(Reason.NOT_AUTHORIZED, "it sends no user name"));
        } else if (showsToken) {
            later(tokenThreads, credentials, decided, () -> tokens.get().check(credentials));
        } else if (passwords.isPresent()) {
            later(threads, credentials, decided, () -> check(passwords.get(), credentials));
        } else if (tokens.isPresent()) {
            decided.accept(new Refused(Reason.BAD_USER_NAME_OR_PASSWORD, "its password is not a token"));
        } else if (!config.certificateNames().equals(CertificateNames.NONE)) {
            decided.accept(new Refused(Reason.NOT_AUTHORIZED, "it sends a user name but shows no certificate"));
        } else {
            decided.accept(new Accepted(credentials.username(), AccessGrant.ALWAYS));
        }
    }

    private static void later(
            LoginThreads on, Credentials credentials, Consumer<LoginResult> decided, Supplier<LoginResult> check) {
        boolean isTaken = on.run(credentials.heldBytes(), credentials.isThere(), () -> {
            if (credentials.isThere().getAsBoolean()) {
                decided.accept(answer(on, check));
            }
        });
        if (!isTaken) {
            decided.accept(on.tooMany());
        }
    }

    /** Gives an answer whatever the check throws. */
    private static LoginResult answer(LoginThreads on, Supplier<LoginResult> check) {
        try {
            return check.get();
        } catch (RuntimeException | Error e) {
            return on.failed(e);
        }
    }

    private static LoginResult check(FollowedRules<PasswordFile> passwords, Credentials credentials) {
        String user = credentials.username().orElseThrow();
        // Without a password it takes as long as with a wrong one.
        PasswordFile now = passwords.current();
        boolean matches = now.matches(user, credentials.password().orElseGet(() -> new byte[0]));
        if (matches && credentials.password().isPresent()) {
            return new Accepted(credentials.username(), grant(passwords, user, now.find(user)));
        }
        return new Refused(
                Reason.BAD_USER_NAME_OR_PASSWORD,
                now.find(user).isEmpty()
                        ? "there is no user '" + user + "'"
                        : credentials.password().isEmpty()
                                ? "user '" + user + "' sends no password"
                                : "wrong password of user '" + user + "'");
    }

    /** A grant that holds as long as the password file has the same entry for the user as at the login. */
    private static AccessGrant grant(
            FollowedRules<PasswordFile> passwords, String user, Optional<PasswordFile.Entry> entry) {
        Optional<String> text = entry.map(PasswordFile.Entry::text);
        return () -> {
            Optional<String> now = passwords.current().find(user).map(PasswordFile.Entry::text);
            if (now.equals(text)) {
                return Optional.empty();
            }
            return Optional.of(
                    now.isEmpty()
                            ? "there is no user '" + user + "' any more"
                            : "user '" + user + "' has a new password");
        };
    }

    /** Ends the threads. Logins that wait get no answer. */
    @Override
    public void close() {
        try (threads;
                tokenThreads) {
            watch.shutdownNow();
            tokens.ifPresent(JwtLogin::close);
        } finally {
            certificates.ifPresent(CertificateChecks::close);
        }
    }
}
