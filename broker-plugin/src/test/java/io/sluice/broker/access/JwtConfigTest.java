package io.sluice.broker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwtConfigTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost:8080/keys",
                "http://127.0.0.1/keys",
                "http://127.1.2.3/keys",
                "http://[::1]/keys",
                "https://issuer.example.com/keys"
            })
    void keys_come_over_https_or_from_this_machine(String url) {
        assertThat(new JwtConfig.Keys(url).url()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://issuer.example.com/keys",
                "http://127.0.0.1.example.com/keys",
                "http://127.example.com/keys",
                "http://localhost.example.com/keys"
            })
    void keys_come_over_http_from_no_other_machine_whatever_its_name_begins_with(String url) {
        assertThatThrownBy(() -> new JwtConfig.Keys(url)).hasMessageStartingWith("it must be an https URL or a file");
    }
}
