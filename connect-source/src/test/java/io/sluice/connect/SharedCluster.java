package io.sluice.connect;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/** The cluster of all test classes of a run that need nothing special of it. */
final class SharedCluster implements BeforeAllCallback {

    private @Nullable ConnectCluster cluster;

    @Override
    public void beforeAll(ExtensionContext context) {
        cluster = context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.GLOBAL)
                .computeIfAbsent(ConnectCluster.class, key -> ConnectCluster.start(), ConnectCluster.class);
    }

    ConnectCluster cluster() {
        return cluster;
    }
}
