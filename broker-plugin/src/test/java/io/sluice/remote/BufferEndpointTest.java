package io.sluice.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BufferEndpointTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://127.0.0.1:1884",
                "ssl://broker-1.example.com:8884",
                "tcp://[::1]:0",
                "tcp://sluice_broker_1:8884",
                "ssl://sluice_broker_1.sluice_default:65535"
            })
    void an_endpoint_is_written_as_it_is_read(String uri) {
        assertThat(BufferEndpoint.of(uri)).hasToString(uri);
    }

    @Test
    void a_container_may_have_a_name_that_a_host_may_not() {
        assertThat(BufferEndpoint.of("tcp://sluice_broker_1:8884"))
                .isEqualTo(new BufferEndpoint(false, "sluice_broker_1", 8884));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "broker-1:1884",
                "http://broker-1:1884",
                "tcp://broker-1",
                "tcp://broker_1",
                "tcp://broker_1:65536",
                "tcp://broker_1:-1",
                "tcp://user@broker_1:1884",
                "tcp://broker_1:1884/path",
                "tcp://broker_1:1884?query",
                "tcp://300.1.1.1:1884",
                "tcp://a b:1"
            })
    void anything_else_is_refused_in_one_sentence(String uri) {
        assertThatThrownBy(() -> BufferEndpoint.of(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + uri + "' is no endpoint of a buffer: write tcp://host:port");
    }
}
