package io.sluice.drain;

import io.sluice.buffer.BufferConsumer;
import io.sluice.buffer.BufferException;
import io.sluice.buffer.ConsumerSpec;
import io.sluice.buffer.FencedException;

/**
 * A connector's hold on the buffer of a broker on another machine.
 *
 * <p>A connection that is lost, also because the broker starts again, is come by again without the caller: until then
 * reads wait and return nothing. Reading goes on behind what was returned, nothing is returned twice and nothing left
 * out; what was acknowledged last is said again. How it stands is {@link #connection}.
 *
 * <p>Reads throw {@link FencedException} when a newer attachment of the consumer holds one of the lanes, and {@link
 * BufferException} if another buffer stands behind the endpoint, the buffer ends before what was returned, or the broker
 * refuses this worker.
 */
public abstract class RemoteBuffer implements BufferConsumer {

    RemoteBuffer() {}

    /**
     * Attaches to a buffer, which fences earlier attachments of the consumer that share a lane. Waits fifteen seconds at
     * most.
     *
     * @throws BufferUnreachableException if nobody answers: to try again later may help
     * @throws BufferException if the broker refuses this worker, is no broker of Sluice's, speaks no version of the
     *     protocol that this one does, or cannot be trusted
     */
    @SuppressWarnings("DoNotCallSuggester") // until the broker serves it
    public static RemoteBuffer attach(BufferEndpoint endpoint, BufferCredentials credentials, ConsumerSpec spec) {
        throw new BufferUnreachableException(
                endpoint + " cannot be reached yet by " + spec.name() + credentials.token());
    }

    /** How the connection is now. Thread-safe. */
    public abstract ConnectionState connection();
}
