package io.sluice.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StockMoquetteTest {

    @Test
    void keys_that_have_no_effect_in_a_stock_moquette_are_found() {
        Map<String, String> written = Map.of(
                "sluice.buffer.dir", "/var/lib/sluice",
                "sluice.drain.listener", "tcp://127.0.0.1:1884",
                "sluice.status.listener", "http://127.0.0.1:9404",
                "sluice.broker.jwt.jwks", "keys.json");

        assertThat(StockMoquette.unread(key -> Optional.ofNullable(written.get(key))))
                .containsExactlyInAnyOrder("sluice.status.listener", "sluice.broker.jwt.jwks");
        assertThat(StockMoquette.unread(key -> Optional.empty())).isEmpty();
    }
}
