package io.sluice.connect;

import io.sluice.buffer.AppendListener;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.BufferException;
import io.sluice.message.Message;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An append that is waited for. */
public final class SafeAppend {

    private SafeAppend() {}

    /** Appends messages to a buffer and waits until they are safe, for twenty seconds at most. */
    public static void of(SharedBuffer buffer, List<Message> messages) {
        CompletableFuture<Void> safe = new CompletableFuture<>();
        buffer.append(messages, new AppendListener() {
            @Override
            public void safe() {
                safe.complete(null);
            }

            @Override
            public void failed(BufferException cause) {
                safe.completeExceptionally(cause);
            }
        });
        safe.orTimeout(20, TimeUnit.SECONDS).join();
    }
}
