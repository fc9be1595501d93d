package io.sluice.broker.access;

import io.moquette.broker.security.IAuthorizatorPolicy;
import io.sluice.broker.access.Verdict.Unwelcome;
import io.sluice.broker.access.Verdict.Welcome;
import io.sluice.broker.packet.Reason;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Who is let in, and who may read and write what.
 *
 * <p>A password is never hashed on the thread that asks. When more wait than there may be, who comes then is refused at
 * once; so is who has waited for so long that it has given up. Thread-safe.
 */
public final class Entrance implements AutoCloseable {

    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final boolean allowAnonymous;
    private final Optional<PasswordFile> passwords;
    private final IAuthorizatorPolicy rights;
    private final LoginThreads threads;

    private Entrance(
            boolean allowAnonymous, Optional<PasswordFile> passwords, IAuthorizatorPolicy rights, int mostWaiting) {
        this.allowAnonymous = allowAnonymous;
        this.passwords = passwords;
        this.rights = rights;
        this.threads = new LoginThreads(mostWaiting);
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
                config.allowAnonymous(), config.passwordFile().map(PasswordFile::read), rights, mostWaiting);
    }

    /** Who may read and write which topics: the front door and Moquette ask the same instance. */
    public IAuthorizatorPolicy rights() {
        return rights;
    }

    /**
     * Decides about somebody who wants to come in.
     *
     * @param decided called once, on any thread, perhaps before this returns; not if they have left meanwhile
     */
    public void admit(Arrival arrival, Consumer<Verdict> decided) {
        if (arrival.username().isEmpty()) {
            decided.accept(
                    allowAnonymous
                            ? new Welcome(Optional.empty())
                            : new Unwelcome(Reason.NOT_AUTHORIZED, "it gives no user name"));
            return;
        }
        if (passwords.isEmpty()) {
            decided.accept(new Welcome(arrival.username()));
            return;
        }
        long since = System.nanoTime();
        if (!threads.run(arrival.heldBytes(), () -> {
            if (arrival.isThere().getAsBoolean()) {
                decided.accept(checkSafely(passwords.get(), arrival, since));
            }
        })) {
            decided.accept(new Unwelcome(
                    Reason.SERVER_BUSY, "as many others wait for their passwords to be checked as there may be"));
        }
    }

    /** Whatever happens, whoever waits for an answer gets one. */
    private static Verdict checkSafely(PasswordFile passwords, Arrival arrival, long sinceNanos) {
        try {
            return check(passwords, arrival, sinceNanos);
        } catch (RuntimeException e) {
            return new Unwelcome(Reason.UNSPECIFIED_ERROR, "its password cannot be checked: " + e);
        }
    }

    private static Verdict check(PasswordFile passwords, Arrival arrival, long sinceNanos) {
        long waitedNanos = System.nanoTime() - sinceNanos;
        if (waitedNanos > LONGEST_WAIT_NANOS) {
            return new Unwelcome(
                    Reason.SERVER_BUSY,
                    "it has waited for " + TimeUnit.NANOSECONDS.toSeconds(waitedNanos)
                            + " s for its password to be checked");
        }
        String user = arrival.username().orElseThrow();
        // Without a password it takes as long as with a wrong one.
        boolean matches = passwords.matches(user, arrival.password().orElseGet(() -> new byte[0]));
        if (matches && arrival.password().isPresent()) {
            return new Welcome(arrival.username());
        }
        return new Unwelcome(
                Reason.BAD_USER_NAME_OR_PASSWORD,
                passwords.find(user).isEmpty()
                        ? "there is no user '" + user + "'"
                        : arrival.password().isEmpty()
                                ? "user '" + user + "' gives no password"
                                : "wrong password of user '" + user + "'");
    }

    /** Ends the threads. Who waits gets no answer. */
    @Override
    public void close() {
        threads.close();
    }
}
