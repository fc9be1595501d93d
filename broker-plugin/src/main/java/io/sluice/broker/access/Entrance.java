package io.sluice.broker.access;

import io.moquette.broker.security.IAuthorizatorPolicy;
import io.sluice.broker.access.Verdict.Unwelcome;
import io.sluice.broker.access.Verdict.Welcome;
import io.sluice.broker.packet.Reason;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is let in, and who may read and write what.
 *
 * <p>A password is never hashed on the thread that asks, nor for somebody who does not wait any more. When as many wait as
 * there may be, who comes then is refused at once. Thread-safe.
 */
public final class Entrance implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);

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
    /** Others, since a token may wait for keys from the network. */
    private final LoginThreads tokenThreads;

    private final ScheduledExecutorService watch;
    private volatile Runnable whenChanged = () -> {};

    private Entrance(
            AccessConfig config,
            Optional<FollowedRules<PasswordFile>> passwords,
            IAuthorizatorPolicy rights,
            int mostWaiting) {
        this.config = config;
        this.passwords = passwords;
        this.tokens = config.tokens().map(JwtLogin::new);
        this.revoked = config.revocationLists().map(RevokedCertificates::new);
        this.rights = rights;
        this.threads = new LoginThreads("sluice-login", mostWaiting);
        this.tokenThreads = new LoginThreads("sluice-token", mostWaiting);
        this.watch = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "sluice-access");
            thread.setDaemon(true);
            return thread;
        });
        watch.scheduleWithFixedDelay(this::look, LOOK_EVERY_MS, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * Reads the files that a configuration names.
     *
     * @throws AccessException if one cannot be read or understood
     */
    public static Entrance of(AccessConfig config) {
        return of(config, Rights.of(config.aclFile()));
    }

    /**
     * Takes somebody else's decisions about topics.
     *
     * @param rights who may read and write which topics
     * @throws AccessException if another file cannot be read or understood
     */
    public static Entrance of(AccessConfig config, IAuthorizatorPolicy rights) {
        return of(config, rights, LoginThreads.MOST_WAITING);
    }

    static Entrance of(AccessConfig config, IAuthorizatorPolicy rights, int mostWaiting) {
        return new Entrance(
                config,
                config.passwordFile().map(file -> new FollowedRules<>("password file", file, PasswordFile::parse)),
                rights,
                mostWaiting);
    }

    /** Who may read and write which topics: the front door and Moquette ask the same instance. */
    public IAuthorizatorPolicy rights() {
        return rights;
    }

    /** Where is said who came, went and was refused. */
    public AuditLog audit() {
        return audit;
    }

    /** Another number whenever {@link #rights} may decide otherwise than before. */
    public int rightsVersion() {
        return rights instanceof Rights own ? own.version() : 0;
    }

    /** Runs an action, on a thread of its own, whenever some pass may have an objection that it had not before. */
    public void whenChanged(Runnable action) {
        whenChanged = action;
    }

    private void look() {
        try {
            boolean isChanged = passwords.isPresent() && passwords.get().look();
            isChanged |= rights instanceof Rights own && own.look();
            isChanged |= revoked.isPresent() && revoked.get().look();
            tokens.ifPresent(JwtLogin::look);
            if (isChanged) {
                whenChanged.run();
            }
        } catch (RuntimeException | Error e) {
            LOG.error("The broker cannot check now whether files of passwords and rules have changed", e);
        }
    }

    /**
     * Decides about somebody who wants to come in.
     *
     * @param decided called once, on any thread, perhaps before this returns; not if they have left meanwhile
     */
    public void admit(Arrival arrival, Consumer<Verdict> decided) {
        identify(arrival, verdict -> decided.accept(withCheckedIdentifier(arrival, verdict)));
    }

    /** Whether clients may use a method of enhanced authentication (MQTT 5 section 4.12). */
    public boolean takesMethod(String method) {
        return tokens.isPresent() && method.equals(TOKEN_METHOD);
    }

    /** Whether a session belongs to the user who made it. */
    public boolean sessionsHaveOwners() {
        return config.clientIds().isEmpty() && config.checksUsers();
    }

    /** An expression may need more stack than there is for an identifier that is long. */
    private Verdict withCheckedIdentifier(Arrival arrival, Verdict verdict) {
        try {
            return withCertificate(arrival, withIdentifier(arrival, verdict));
        } catch (RuntimeException | StackOverflowError e) {
            return new Unwelcome(Reason.UNSPECIFIED_ERROR, "its client identifier cannot be checked: " + e);
        }
    }

    private Verdict withIdentifier(Arrival arrival, Verdict verdict) {
        if (verdict instanceof Welcome welcome
                && config.clientIds().isPresent()
                && !config.clientIds().get().allows(welcome.username(), arrival.clientId())) {
            return new Unwelcome(
                    Reason.CLIENT_IDENTIFIER_NOT_VALID,
                    "its user may not take this client identifier, which must be "
                            + config.clientIds().get());
        }
        return verdict;
    }

    private Verdict withCertificate(Arrival arrival, Verdict verdict) {
        return verdict instanceof Welcome welcome && arrival.certificate().isPresent() && revoked.isPresent()
                ? new Welcome(
                        welcome.username(),
                        new CertifiedPass(welcome.pass(), arrival.certificate().get(), revoked.get()))
                : verdict;
    }

    private Verdict identify(X509Certificate certificate, Arrival arrival) {
        Optional<String> user = config.certificateNames().user(certificate);
        if (user.isEmpty()) {
            return new Unwelcome(
                    Reason.NOT_AUTHORIZED,
                    "its certificate, of " + CertificateNames.subject(certificate) + ", names no user");
        }
        if (arrival.username().isPresent() && !arrival.username().equals(user)) {
            return new Unwelcome(
                    Reason.BAD_USER_NAME_OR_PASSWORD,
                    "it sends the user name '" + arrival.username().get() + "', but its certificate is that of '"
                            + user.get() + "'");
        }
        return new Welcome(user, Pass.ALWAYS);
    }

    /** A certificate that names somebody else than the token is not ignored. */
    private Verdict identifyByToken(Arrival arrival) {
        Verdict ofToken = tokens.orElseThrow().check(arrival);
        if (ofToken instanceof Welcome welcome
                && arrival.certificate().isPresent()
                && !config.certificateNames().equals(CertificateNames.NONE)
                && !config.certificateNames().user(arrival.certificate().get()).equals(welcome.username())) {
            return new Unwelcome(
                    Reason.NOT_AUTHORIZED,
                    "its token is that of '" + welcome.username().orElse("") + "', and its certificate is not");
        }
        return ofToken;
    }

    private void identify(Arrival arrival, Consumer<Verdict> decided) {
        if (arrival.token().isPresent()) {
            later(tokenThreads, arrival, decided, () -> identifyByToken(arrival));
            return;
        }
        if (arrival.certificate().isPresent() && !config.certificateNames().equals(CertificateNames.NONE)) {
            decided.accept(identify(arrival.certificate().get(), arrival));
            return;
        }
        boolean showsToken = tokens.isPresent()
                && arrival.password().filter(JwtLogin::looksLikeOne).isPresent();
        if (arrival.username().isEmpty() && !showsToken) {
            decided.accept(
                    config.allowAnonymous()
                            ? new Welcome(Optional.empty(), Pass.ALWAYS)
                            : new Unwelcome(Reason.NOT_AUTHORIZED, "it sends no user name"));
        } else if (showsToken) {
            later(tokenThreads, arrival, decided, () -> tokens.get().check(arrival));
        } else if (passwords.isPresent()) {
            later(threads, arrival, decided, () -> check(passwords.get(), arrival));
        } else if (tokens.isPresent()) {
            decided.accept(new Unwelcome(Reason.BAD_USER_NAME_OR_PASSWORD, "its password is not a token"));
        } else if (!config.certificateNames().equals(CertificateNames.NONE)) {
            decided.accept(new Unwelcome(Reason.NOT_AUTHORIZED, "it sends a user name but shows no certificate"));
        } else {
            decided.accept(new Welcome(arrival.username(), Pass.ALWAYS));
        }
    }

    /** Checks on another thread what takes long. */
    private static void later(LoginThreads on, Arrival arrival, Consumer<Verdict> decided, Supplier<Verdict> check) {
        boolean isTaken = on.run(arrival.heldBytes(), () -> {
            if (arrival.isThere().getAsBoolean()) {
                decided.accept(answer(check));
            }
        });
        if (!isTaken) {
            decided.accept(
                    new Unwelcome(Reason.SERVER_BUSY, "too many other logins wait for their passwords to be checked"));
        }
    }

    /** Whatever happens, whoever waits for an answer gets one. */
    private static Verdict answer(Supplier<Verdict> check) {
        try {
            return check.get();
        } catch (RuntimeException | Error e) {
            return new Unwelcome(Reason.UNSPECIFIED_ERROR, "its password cannot be checked: " + e);
        }
    }

    private static Verdict check(FollowedRules<PasswordFile> passwords, Arrival arrival) {
        String user = arrival.username().orElseThrow();
        // Without a password it takes as long as with a wrong one.
        PasswordFile now = passwords.current();
        boolean matches = now.matches(user, arrival.password().orElseGet(() -> new byte[0]));
        if (matches && arrival.password().isPresent()) {
            return new Welcome(arrival.username(), pass(passwords, user, now.find(user)));
        }
        return new Unwelcome(
                Reason.BAD_USER_NAME_OR_PASSWORD,
                now.find(user).isEmpty()
                        ? "there is no user '" + user + "'"
                        : arrival.password().isEmpty()
                                ? "user '" + user + "' sends no password"
                                : "wrong password of user '" + user + "'");
    }

    /** Holds as long as the file says of a user what it said when the user came in. */
    private static Pass pass(FollowedRules<PasswordFile> passwords, String user, Optional<PasswordFile.Entry> entry) {
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

    /** Ends the threads. Who waits gets no answer. */
    @Override
    public void close() {
        watch.shutdownNow();
        tokens.ifPresent(JwtLogin::close);
        threads.close();
        tokenThreads.close();
    }
}
