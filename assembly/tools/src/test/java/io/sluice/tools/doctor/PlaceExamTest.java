package io.sluice.tools.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.Connector;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceExamTest {

    @ParameterizedTest
    @ValueSource(strings = {"//127.0.0.1:1884", "tcp://127.0.0.1:70000", "tcp://127.0.0.1", "a b"})
    void a_place_that_is_no_address_is_a_finding(String place) {
        Findings findings = new Findings();

        new PlaceExam(URI.create("http://127.0.0.1:8083"), findings)
                .connector(new Connector("a", Map.of("broker.mode", "remote", "buffer.endpoints", place)), true);

        assertThat(findings.all())
                .extracting(Finding::finding)
                .containsExactly("buffer.endpoints: " + place + " names no port to ask.");
    }
}
