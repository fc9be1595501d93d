package io.sluice.file;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Another folder, which counts how many of its files are open. */
public final class CountedFolder extends ForwardingFolder {

    private final AtomicInteger open = new AtomicInteger();
    private final AtomicBoolean released = new AtomicBoolean();

    public CountedFolder(Folder folder) {
        super(folder);
    }

    public int openFiles() {
        return open.get();
    }

    public boolean isReleased() {
        return released.get();
    }

    @Override
    protected File handedOut(String name, File file) {
        open.incrementAndGet();
        AtomicBoolean closed = new AtomicBoolean();
        return new ForwardingFile(file) {
            @Override
            public void close() throws IOException {
                if (closed.compareAndSet(false, true)) {
                    open.decrementAndGet();
                }
                super.close();
            }
        };
    }

    @Override
    public void close() {
        released.set(true);
        super.close();
    }
}
