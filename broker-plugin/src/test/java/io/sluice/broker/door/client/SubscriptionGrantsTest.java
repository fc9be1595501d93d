package io.sluice.broker.door.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.access.CertificateNames;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubscriptionGrantsTest {

    private static final ClientLimits LIMITS = new ClientLimits(1 << 20, 0, true, 0, 10_000, 10_000);

    @Test
    void the_filters_that_a_client_was_denied_take_little_memory_however_long_they_are(@TempDir Path dir)
            throws Exception {
        Path acl = Files.writeString(dir.resolve("acl"), "topic t\n");
        try (AccessControl access = AccessControl.of(new AccessConfig(
                true,
                Optional.empty(),
                Optional.of(acl),
                CertificateNames.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty()))) {
            SubscriptionGrants grants = new SubscriptionGrants(client(), LIMITS, access);
            List<WeakReference<String>> filters = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                filters.add(denied(grants, "x".repeat(60_000) + i));
            }
            await().untilAsserted(() -> {
                System.gc();
                assertThat(filters.stream().filter(filter -> filter.get() != null))
                        .hasSizeLessThan(3);
            });
            assertThat(decide(grants, "t")).isEqualTo(List.of(0));
        }
    }

    private static WeakReference<String> denied(SubscriptionGrants grants, String filter) {
        assertThat(decide(grants, filter)).isEqualTo(List.of(0x80));
        return new WeakReference<>(filter);
    }

    private static List<Integer> decide(SubscriptionGrants grants, String filter) {
        return grants.decide(MqttMessageBuilders.subscribe()
                        .messageId(1)
                        .addSubscription(MqttQoS.AT_MOST_ONCE, filter)
                        .build())
                .codes(List.of(true));
    }

    private static Client client() {
        return Client.of(
                MqttMessageBuilders.connect().clientId("c").build(),
                false,
                LIMITS,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                Optional.empty());
    }
}
