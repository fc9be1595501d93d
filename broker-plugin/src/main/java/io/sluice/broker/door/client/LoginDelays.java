package io.sluice.broker.door.client;

import io.netty.channel.Channel;
import io.sluice.broker.door.client.LimitedLog.Kind;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.packet.Reason;
import io.sluice.broker.rate.Origin;
import io.sluice.broker.rate.WrongPasswords;
import io.sluice.broker.rate.WrongPasswords.Attempt;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** Delays logins after wrong passwords from the same address or for the same user. Thread-safe. */
public final class LoginDelays {

    private static final int OVERHEAD_BYTES = 1 << 10;

    private final WrongPasswords wrongPasswords;
    private final DoorCounts counts;
    private final LimitedLog log;

    public LoginDelays(Duration longestDelay, DoorCounts counts, LimitedLog log) {
        this.wrongPasswords = new WrongPasswords(longestDelay);
        this.counts = counts;
        this.log = log;
    }

    private static Attempt attempt(Client client, int bytes) {
        InetAddress address = client.address() instanceof InetSocketAddress inet ? inet.getAddress() : null;
        return new Attempt(
                Origin.of(address == null ? InetAddress.getLoopbackAddress() : address),
                client.username().orElse(""),
                OVERHEAD_BYTES + bytes);
    }

    /**
     * Runs an action when a client's password may be checked: at once, or later on the connection's event loop.
     *
     * @param connectBytes about how much memory its CONNECT takes while it waits, in bytes
     * @return false if too many wait already
     */
    public boolean whenItMayTry(Channel channel, Client client, int connectBytes, Runnable action) {
        if (client.username().isEmpty()) {
            action.run();
            return true;
        }
        Attempt attempt = attempt(client, connectBytes);
        OptionalLong delay = wrongPasswords.arrive(attempt, System.nanoTime());
        if (delay.isEmpty()) {
            counts.heldOffClients.increment();
            return false;
        }
        if (delay.getAsLong() == 0) {
            action.run();
            return true;
        }
        counts.delayedLogins.increment();
        log.say(
                Kind.DELAYED,
                "The login of {} waits for {} ms: too many wrong passwords came from its address, or for its user name",
                client,
                TimeUnit.NANOSECONDS.toMillis(delay.getAsLong()));
        EventLoopCall.after(delay.getAsLong(), TimeUnit.NANOSECONDS, channel, () -> {
            wrongPasswords.hasWaited(attempt);
            action.run();
        });
        return true;
    }

    /** Takes note of whether a client's password was right. */
    public void tried(Client client, Reason reason) {
        if (client.username().isEmpty()) {
            return;
        }
        if (reason == Reason.SUCCESS) {
            wrongPasswords.right(attempt(client, 0));
        } else if (reason == Reason.BAD_USER_NAME_OR_PASSWORD) {
            counts.wrongPasswords.increment();
            wrongPasswords.wrong(attempt(client, 0), System.nanoTime());
        }
    }
}
