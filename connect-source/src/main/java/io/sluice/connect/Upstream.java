package io.sluice.connect;

import io.sluice.broker.EmbeddedBroker;
import io.sluice.buffer.BufferConsumer;
import io.sluice.buffer.Lanes;
import io.sluice.connect.config.SourceConfig;

/**
 * Where a task gets its messages from.
 *
 * @param buffer the task's hold on the buffer
 * @param leave leaves the broker behind it
 */
record Upstream(BufferConsumer buffer, Runnable leave) {

    /** Joins the broker in this process, starting it if it does not run, and attaches to its buffer. */
    static Upstream embedded(SourceConfig config) {
        EmbeddedBroker broker = EmbeddedBroker.acquire(config.broker());
        try {
            return new Upstream(broker.buffer().attach(config.consumer(Lanes.ALL)), broker::close);
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }
}
