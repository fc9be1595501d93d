package io.sluice.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusAddressTest {

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:9404", "https://0.0.0.0:9404", "http://[::1]:0"})
    void an_address_is_written_as_it_was_read(String uri) {
        assertThat(StatusAddress.of(uri)).hasToString(uri);
    }

    @Test
    void only_this_machine_reaches_loopback() {
        assertThat(StatusAddress.of("http://localhost:1").isLoopback()).isTrue();
        assertThat(StatusAddress.of("http://[::1]:1").isLoopback()).isTrue();
        assertThat(StatusAddress.of("http://0.0.0.0:1").isLoopback()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:9404",
                "tcp://127.0.0.1:9404",
                "http://127.0.0.1",
                "http://127.0.0.1:70000",
                "http://me@127.0.0.1:1",
                "http://127.0.0.1:1/status",
                "http://127.0.0.1:1?a=b",
                "http://a b:1",
                ""
            })
    void what_is_no_address_is_refused_in_one_sentence(String uri) {
        assertThatThrownBy(() -> StatusAddress.of(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + uri + "' is not an address for the status: write http://host:port, or"
                        + " https://host:port for TLS, such as http://127.0.0.1:9404");
    }
}
