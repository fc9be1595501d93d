package io.sluice.broker.access;

import io.sluice.broker.access.LoginResult.Accepted;
import io.sluice.broker.access.LoginResult.Refused;
import io.sluice.broker.packet.Reason;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks whether certificates are revoked, on separate threads, since a responder may never answer. Logins with the same
 * certificate share an answer, so that a device that connects over and over holds one thread. How many wait, and how much memory
 * they hold, is bounded; those who have left make room. Thread-safe.
 */
final class CertificateChecks implements AutoCloseable {

    private final RevokedCertificates revoked;
    private final LoginThreads threads;
    private final int mostSharing;
    /** Those who wait for an answer, by the certificate that is asked about; the first has asked. */
    private final Map<X509Certificate, List<Login>> asked = new HashMap<>();

    private final SweepPace sweepPace = new SweepPace(System.nanoTime());
    private int sharing;
    private long sharingBytes;

    /** @param isSharing whether it waits for an answer that another login has asked for */
    private record Login(Credentials credentials, Accepted accepted, Consumer<LoginResult> decided, boolean isSharing) {

        private boolean isThere() {
            return credentials.isThere().getAsBoolean();
        }
    }

    /** @param mostSharing how many wait for an answer that another login has asked for */
    CertificateChecks(RevokedCertificates revoked, LoginThreads threads, int mostSharing) {
        this.revoked = revoked;
        this.threads = threads;
        this.mostSharing = mostSharing;
    }

    /**
     * Decides about a client that is let in if its certificate counts.
     *
     * @param credentials with a certificate
     * @param decided called once, on any thread, perhaps before this returns; not if they have left meanwhile
     */
    void check(Credentials credentials, Accepted accepted, Consumer<LoginResult> decided) {
        if (!waits(credentials, accepted, decided)) {
            decided.accept(threads.tooMany());
        }
    }

    private synchronized boolean waits(Credentials credentials, Accepted accepted, Consumer<LoginResult> decided) {
        X509Certificate certificate = credentials.chain().get(0);
        int bytes = credentials.heldBytes();
        List<Login> same = asked.get(certificate);
        if (same == null) {
            boolean isTaken = threads.run(bytes, () -> toAsk(certificate).isPresent(), () -> ask(certificate));
            if (isTaken) {
                asked.put(certificate, new ArrayList<>(List.of(new Login(credentials, accepted, decided, false))));
            }
            return isTaken;
        }
        if (!fitsIn(bytes) && sweepPace.isDue(sharing, System.nanoTime())) {
            forgetThoseWhoHaveLeft();
        }
        if (!fitsIn(bytes)) {
            return false;
        }
        same.add(new Login(credentials, accepted, decided, true));
        sharing++;
        sharingBytes += bytes;
        return true;
    }

    private boolean fitsIn(int bytes) {
        return sharing < mostSharing && sharingBytes + bytes <= LoginThreads.mostBytes();
    }

    /** What was asked for them goes on: whoever comes with the same certificate waits for that. */
    private void forgetThoseWhoHaveLeft() {
        sharing = 0;
        sharingBytes = 0;
        for (List<Login> logins : asked.values()) {
            logins.removeIf(login -> !login.isThere());
            for (Login login : logins) {
                if (login.isSharing) {
                    sharing++;
                    sharingBytes += login.credentials.heldBytes();
                }
            }
        }
    }

    private void ask(X509Certificate certificate) {
        Optional<List<X509Certificate>> chain = toAsk(certificate);
        if (chain.isEmpty()) {
            return;
        }
        Optional<LoginResult> refusal = refusal(chain.get());
        for (Login login : answered(certificate)) {
            if (login.isThere()) {
                login.decided.accept(refusal.orElseGet(() -> new Accepted(
                        login.accepted.username(),
                        new CertificateGrant(login.accepted.grant(), certificate, revoked))));
            }
        }
    }

    private Optional<LoginResult> refusal(List<X509Certificate> chain) {
        try {
            return revoked.objection(chain).map(why -> new Refused(Reason.NOT_AUTHORIZED, why));
        } catch (RuntimeException | Error e) {
            return Optional.of(threads.failed(e));
        }
    }

    /** Of those who are still there; nobody asks for those who have left. */
    private synchronized Optional<List<X509Certificate>> toAsk(X509Certificate certificate) {
        Optional<List<X509Certificate>> chain = asked.getOrDefault(certificate, List.of()).stream()
                .filter(Login::isThere)
                .findFirst()
                .map(login -> login.credentials.chain());
        if (chain.isEmpty()) {
            answered(certificate);
        }
        return chain;
    }

    private synchronized List<Login> answered(X509Certificate certificate) {
        List<Login> all = asked.remove(certificate);
        if (all == null) {
            return List.of();
        }
        for (Login login : all) {
            if (login.isSharing) {
                sharing--;
                sharingBytes -= login.credentials.heldBytes();
            }
        }
        return all;
    }

    @Override
    public void close() {
        threads.close();
    }
}
