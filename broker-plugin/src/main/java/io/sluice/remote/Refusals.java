package io.sluice.remote;

import io.grpc.Status;
import io.sluice.message.LogText;
import io.sluice.remote.DrainStats.Refusal;
import io.sluice.remote.wire.Versions;
import io.sluice.tls.Tokens;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Refuses workers, and counts them. A peer that tries again and again is logged once for each reason. Thread-safe. */
final class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    /** So many peers are told apart; of more, nothing is logged. */
    private static final int MAX_LOGGED = 1_000;

    /** Characters of what is logged of a peer. */
    private static final int LONGEST = 300;

    private final Map<Refusal, Long> counts = new ConcurrentHashMap<>();
    private final Set<String> logged = ConcurrentHashMap.newKeySet();

    /** Notes who was refused, and why, in words for the log. */
    void refused(Refusal reason, String who, String why) {
        counts.merge(reason, 1L, Long::sum);
        String shown = shown(who);
        if (logged.size() < MAX_LOGGED && logged.add(reason + " " + shown)) {
            LOG.warn("{} was refused: {}. Sluice counts further attempts and does not log them", shown, why);
        }
    }

    /** Whoever is refused may have chosen the name. */
    private static String shown(String who) {
        return LogText.visible(who.length() <= LONGEST ? who : who.substring(0, LONGEST) + "…");
    }

    /** The highest version of the protocol that both ends speak. Refuses a worker with whom the broker shares none. */
    int agree(Versions worker, String who) {
        int version = Math.min(Wire.NEWEST, worker.getNewest());
        if (version < Wire.OLDEST || version < worker.getOldest()) {
            String why = "the broker speaks versions " + Wire.OLDEST + " to " + Wire.NEWEST
                    + " of the protocol, and the worker " + worker.getOldest() + " to " + worker.getNewest()
                    + ": upgrade the " + (version < Wire.OLDEST ? "worker" : "broker");
            refused(Refusal.VERSION, who, why);
            throw Status.FAILED_PRECONDITION.withDescription(why).asRuntimeException();
        }
        return version;
    }

    /** Refuses a connector whom the token that was shown does not let in. */
    void requireLet(Optional<Tokens.Admission> admission, String connector) {
        if (admission.isPresent() && !admission.get().lets(connector)) {
            String why = "it shows a token that lets another connector in";
            refused(Refusal.TOKEN, "A task of connector '" + connector + "'", why);
            throw Status.PERMISSION_DENIED.withDescription(why).asRuntimeException();
        }
    }

    /** Names a worker in the log by its address, if it is known. */
    static String worker(@Nullable SocketAddress at) {
        return at instanceof InetSocketAddress known ? "A worker at " + known.getHostString() : "A worker";
    }

    Map<Refusal, Long> counts() {
        return Arrays.stream(Refusal.values())
                .collect(Collectors.toMap(reason -> reason, reason -> counts.getOrDefault(reason, 0L)));
    }
}
