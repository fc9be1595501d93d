package io.sluice.broker.access;

import java.time.Instant;
import java.util.Optional;

/** A grant that its client may renew before it ends. Thread-safe. */
public final class RenewableGrant implements AccessGrant {

    private record Version(AccessGrant grant, int number) {}

    private volatile Version current;

    public RenewableGrant(AccessGrant first) {
        current = new Version(first, 0);
    }

    public synchronized void renew(AccessGrant next) {
        current = new Version(next, current.number + 1);
    }

    @Override
    public Optional<String> objection() {
        return current.grant.objection();
    }

    @Override
    public Optional<Instant> endsAt() {
        return current.grant.endsAt();
    }

    @Override
    public boolean mayPublish(String topic) {
        return current.grant.mayPublish(topic);
    }

    @Override
    public boolean mayRead(String filter) {
        return current.grant.mayRead(filter);
    }

    @Override
    public int version() {
        return current.number;
    }
}
