package io.sluice.broker.access;

import java.time.Instant;
import java.util.Optional;

/** What lets a client in that may show something new before it ends. Thread-safe. */
public final class RenewedPass implements Pass {

    private record Version(Pass pass, int number) {}

    private volatile Version current;

    /** @param first what the client has shown first */
    public RenewedPass(Pass first) {
        current = new Version(first, 0);
    }

    /** From now on something else lets the client in. */
    public synchronized void renew(Pass next) {
        current = new Version(next, current.number + 1);
    }

    @Override
    public Optional<String> objection() {
        return current.pass.objection();
    }

    @Override
    public Optional<Instant> endsAt() {
        return current.pass.endsAt();
    }

    @Override
    public boolean mayPublish(String topic) {
        return current.pass.mayPublish(topic);
    }

    @Override
    public boolean mayRead(String filter) {
        return current.pass.mayRead(filter);
    }

    @Override
    public int version() {
        return current.number;
    }
}
