package io.sluice.connect;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/**
 * One of a few clusters of all test classes of a run that need nothing special of it. Of one alone they would wait for each
 * other: a worker starts and stops connectors and tasks on one thread.
 */
final class SharedCluster implements BeforeAllCallback {

    private static final int CLUSTERS = 4;
    private static final AtomicInteger NEXT = new AtomicInteger();

    private @Nullable ConnectCluster cluster;

    @Override
    public void beforeAll(ExtensionContext context) {
        cluster = context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(SharedCluster.class))
                .computeIfAbsent(
                        NEXT.getAndIncrement() % CLUSTERS, key -> ConnectCluster.start(), ConnectCluster.class);
    }

    ConnectCluster cluster() {
        return cluster;
    }
}
