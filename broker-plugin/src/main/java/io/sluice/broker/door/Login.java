package io.sluice.broker.door;

import io.netty.channel.Channel;
import io.sluice.broker.packet.Reason;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time between a CONNECT that is in order and the answer to it: the delay after wrong passwords, the check of what the
 * client shows, and what the client sends meanwhile.
 *
 * <p>It has an end: behind the delay, which {@link Guesses} bounds, the check may take as long as the connection had for its
 * CONNECT. After that the client is told that the broker is busy, and what is found out later counts only as a guess.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class Login {

    /** What may be there of a packet behind a CONNECT that nobody has decided about, in bytes. */
    private static final int MOST_OF_A_STRANGER = 16 << 10;

    private final FrontDoor door;
    private final Channel channel;
    private final Reception reception;
    private final PacketQueue packets;
    private final Reception.Host host;
    private @Nullable Future<?> deadline;
    /** Read by the threads that check passwords. */
    private volatile boolean isOver;

    /**
     * @param packets what the client has sent behind its CONNECT
     * @param host is called once, unless the connection ends before
     */
    Login(FrontDoor door, Channel channel, Reception reception, PacketQueue packets, Reception.Host host) {
        this.door = door;
        this.channel = channel;
        this.reception = reception;
        this.packets = packets;
        this.host = host;
    }

    /** Begins; the host may be called before this returns. */
    void begin() {
        if (!door.guesses().whenItMayTry(channel, reception, this::ask)) {
            refuse(Reason.CONNECTION_RATE_EXCEEDED, "too many logins from its address wait");
        }
    }

    private void ask() {
        if (isOver) {
            return;
        }
        long mostMs = door.terms().connectTimeoutMs();
        deadline = channel.eventLoop()
                .schedule(
                        () -> refuse(Reason.SERVER_BUSY, "its login was not decided within " + mostMs + " ms"),
                        mostMs,
                        TimeUnit.MILLISECONDS);
        reception.ask(() -> !isOver, new Answer());
    }

    /** What is found out counts as a guess, or as none, also when nobody waits for it any more. */
    private final class Answer implements Reception.Host {

        @Override
        public void welcome(Client known, Optional<Will> will, long order) {
            door.guesses().tried(reception.client(), Reason.SUCCESS);
            if (isOver) {
                return;
            }
            if (door.admissions().mayComeIn(known)) {
                end();
                packets.regulate(0, false);
                host.welcome(known, will, order);
            } else {
                door.counts().heldOff().increment();
                refuse(known, Reason.CONNECTION_RATE_EXCEEDED, "it connects too often");
            }
        }

        @Override
        public void refuse(Client unknown, Reason because, String why) {
            door.guesses().tried(reception.client(), because);
            Login.this.refuse(unknown, because, why);
        }
    }

    private void refuse(Reason reason, String why) {
        refuse(reception.client(), reason, why);
    }

    private void refuse(Client refused, Reason reason, String why) {
        if (!isOver) {
            end();
            host.refuse(refused, reason, why);
        }
    }

    /**
     * A packet is there in part. The queue counts whole packets only. Who leaves is to be noticed, so a stranger is read as
     * long as this is little.
     *
     * @param bytes how much of it
     */
    void holdsPart(int bytes) {
        if (!isOver && bytes > MOST_OF_A_STRANGER) {
            packets.regulate(0, true);
        }
    }

    /** Nobody waits for the answer any more. Idempotent. */
    void end() {
        isOver = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
