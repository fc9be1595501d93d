package io.sluice.tools.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.Connector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
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

    private static List<String> findings(String worker, String listener) {
        Findings findings = new Findings();
        Map<String, String> config = Map.of("broker.listeners", listener, "buffer.storage", "memory");
        new PlaceExam(URI.create(worker), findings).connector(new Connector("a", config), true);
        return findings.all().stream().map(Finding::finding).toList();
    }

    @Test
    void a_listener_is_asked_over_tls_however_its_scheme_is_written() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread hangsUp = new Thread(() -> hangUpOn(plain));
            hangsUp.start();

            assertThat(findings("http://127.0.0.1:8083", "SSL://127.0.0.1:" + plain.getLocalPort()))
                    .singleElement()
                    .asString()
                    .contains(" is not reached: ");
        }
    }

    private static void hangUpOn(ServerSocket server) {
        try {
            while (true) {
                server.accept().close();
            }
        } catch (IOException closed) {
            assertThat(server.isClosed()).isTrue();
        }
    }

    /** A path that the system of this machine cannot have, or that it cannot write in this locale. */
    @Test
    void a_folder_whose_path_is_none_is_a_finding() {
        Findings findings = new Findings();
        Map<String, String> config = Map.of("broker.listeners", "", "buffer.dir", "/a\u0000b");

        new PlaceExam(URI.create("http://127.0.0.1:8083"), findings).connector(new Connector("a", config), true);

        assertThat(findings.all())
                .extracting(Finding::finding)
                .containsExactly("buffer.dir: /a\u0000b is no path on this machine.");
    }

    @Test
    void a_worker_whose_host_is_unknown_is_on_another_machine() {
        assertThat(findings("http://worker.invalid:8083", "tcp://127.0.0.1:1883"))
                .containsExactly("tcp://127.0.0.1:1883 can be reached on the worker's machine only.");
    }
}
