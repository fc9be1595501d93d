package io.sluice.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.sluice.tools.StandIn.Reply;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not a worker, or stands before one. */
class ConnectClientTest {

    private StandIn worker;

    @AfterEach
    void stop() {
        if (worker != null) {
            worker.close();
        }
    }

    @Test
    void a_page_of_a_proxy_is_named_in_a_sentence() {
        ConnectClient connect = answering(502, "<html><head><TITLE>502\n Bad Gateway</TITLE></head></html>");

        assertThatExceptionOfType(WorkerRefusal.class)
                .isThrownBy(connect::worker)
                .withMessage(
                        "What answers at " + address() + " refuses with HTTP 502 and a page, \"502 Bad Gateway\"; that"
                                + " is not what a Connect worker says, so look at what stands in front of it.");
    }

    @Test
    void a_page_in_place_of_an_answer_is_no_worker() {
        ConnectClient connect = answering(200, "<html><title>Welcome to nginx!</title></html>");

        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(connect::worker)
                .withMessage("What answers at " + address()
                        + " is not a Connect worker: it sends HTTP 200 with a page, \"Welcome to nginx!\".");
    }

    @Test
    void a_404_that_no_worker_says_does_not_mean_that_a_connector_is_absent() {
        ConnectClient connect = answering(404, "<html><title>404 Not Found</title></html>");

        assertThatExceptionOfType(WorkerRefusal.class)
                .isThrownBy(() -> connect.find("a"))
                .withMessageStartingWith("What answers at " + address() + " refuses with HTTP 404 and a page");
    }

    @Test
    void a_404_of_a_worker_means_that_a_connector_is_absent() {
        assertThat(answering(404, "{\"error_code\": 404, \"message\": \"Connector a not found\"}")
                        .find("a"))
                .isEmpty();
    }

    @Test
    void a_login_does_not_follow_to_another_address_which_is_named() {
        worker = StandIn.saying(request -> new Reply(302, "", address() + "/new"));

        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(() -> client(address(), Optional.of("user:secret"), Optional.empty())
                        .worker())
                .withMessage("What answers at " + address() + " points to " + address()
                        + "/new (HTTP 302); if that is your worker, give its address with --worker.");
        assertThat(worker.asked()).containsExactly("GET /");
    }

    @Test
    void who_is_not_let_in_hears_how_to_log_in() {
        ConnectClient connect = answering(401, "");

        assertThatExceptionOfType(WorkerRefusal.class)
                .isThrownBy(connect::worker)
                .withMessageContaining("does not let you in (HTTP 401); give user and password with --worker-login");
    }

    @Test
    void where_nothing_listens_nobody_is_reached() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }

        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(() -> client("http://127.0.0.1:" + port, Optional.empty(), Optional.empty())
                        .worker())
                .withMessage(
                        "The Connect worker at http://127.0.0.1:" + port + " does not answer: nothing listens there."
                                + " Another address is given with --worker, SLUICE_WORKER or a context.")
                .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.UNREACHABLE));
    }

    @Test
    void a_group_that_rebalances_is_asked_again() {
        refusing(2, 409, "Cannot complete request because of a conflicting operation");

        assertThat(client().worker().path("version").asText()).isEqualTo("4");
        assertThat(worker.asked()).hasSize(3);
    }

    @Test
    void a_worker_that_is_about_to_rebalance_is_asked_again_and_who_watches_hears_why() {
        List<String> told = new ArrayList<>();
        refusing(7, 500, "Request cannot be completed because a rebalance is expected");

        assertThat(ConnectClient.at(address(), Optional.empty(), Optional.empty(), told::add)
                        .worker()
                        .path("version")
                        .asText())
                .isEqualTo("4");
        assertThat(worker.asked()).hasSize(8);
        assertThat(told)
                .containsExactly("The workers of the group have not agreed yet on who runs what; asking again for up to"
                        + " 60 s.");
    }

    @Test
    void a_worker_whose_leader_is_dead_is_asked_again() {
        refusing(1, 500, "IO Error trying to forward REST request: java.net.ConnectException: Connection refused");

        assertThat(client().worker().path("version").asText()).isEqualTo("4");
        assertThat(worker.asked()).hasSize(2);
    }

    @Test
    void a_worker_that_fails_is_not_asked_again() {
        refusing(1, 500, "Request timed out");

        assertThatExceptionOfType(WorkerRefusal.class)
                .isThrownBy(() -> client().worker())
                .withMessage("The worker refuses: Request timed out");
        assertThat(worker.asked()).hasSize(1);
    }

    @Test
    void user_and_password_are_sent() {
        worker = StandIn.saying(request -> Reply.ok("{}"));

        client(address(), Optional.of("user:secret"), Optional.empty()).worker();

        assertThat(worker.logins()).containsExactly("Basic dXNlcjpzZWNyZXQ=");
    }

    @Test
    void a_worker_whose_certificate_an_own_authority_has_signed_is_trusted_when_that_is_named(@TempDir Path folder)
            throws Exception {
        Path store = folder.resolve("worker.p12");
        Path authority = folder.resolve("ca.pem");
        keytool(store, "-genkeypair", "-keyalg", "EC", "-dname", "CN=worker", "-ext", "san=ip:127.0.0.1");
        keytool(store, "-exportcert", "-rfc", "-file", authority.toString());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(store.toFile(), "secret".toCharArray()), "secret".toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        HttpsServer https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(tls));
        https.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, 2);
                exchange.getResponseBody().write("{}".getBytes(UTF_8));
            }
        });
        https.start();
        String address = "https://127.0.0.1:" + https.getAddress().getPort();

        try {
            assertThat(client(address, Optional.empty(), Optional.of(authority)).worker())
                    .isEmpty();
            assertThatExceptionOfType(ToolException.class)
                    .isThrownBy(() ->
                            client(address, Optional.empty(), Optional.empty()).worker())
                    .withMessageContaining("does not answer: TLS failed, ");
            assertThatExceptionOfType(ToolException.class)
                    .isThrownBy(() -> client(
                            address, Optional.empty(), Optional.of(Files.createFile(folder.resolve("none.pem")))))
                    .withMessageContaining("none.pem cannot be used: ");
        } finally {
            https.stop(0);
        }
    }

    private static void keytool(Path store, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", "worker", "-keystore", store.toString(), "-storepass", "secret"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** Refuses some times before it answers. */
    private void refusing(int times, int status, String message) {
        AtomicInteger asked = new AtomicInteger();
        worker = StandIn.saying(request ->
                asked.incrementAndGet() <= times ? Reply.refused(status, message) : Reply.ok("{\"version\": \"4\"}"));
    }

    private ConnectClient answering(int status, String text) {
        worker = StandIn.saying(request -> new Reply(status, text));
        return client();
    }

    private ConnectClient client() {
        return client(address(), Optional.empty(), Optional.empty());
    }

    private static ConnectClient client(String address, Optional<String> login, Optional<Path> trusted) {
        return ConnectClient.at(address, login, trusted, told -> {});
    }

    private String address() {
        return worker.address();
    }

    @Test
    void a_worker_that_does_not_keep_track_of_topics_names_none() {
        ConnectClient connect = answering(403, "{\"error_code\": 403, \"message\": \"Topic tracking is disabled.\"}");

        assertThat(connect.topics("a")).isEmpty();
        assertThatExceptionOfType(WorkerRefusal.class)
                .isThrownBy(() -> connect.pause("a"))
                .withMessage("The worker refuses: Topic tracking is disabled.");
    }

    @Test
    void a_connector_that_is_absent_is_named_as_it_was_asked_for() {
        ConnectClient connect = answering(404, "{\"error_code\": 404, \"message\": \"No status found\"}");

        assertThatExceptionOfType(WorkerRefusal.class)
                .isThrownBy(() -> connect.status("line 1/a% +\u00fc"))
                .withMessageStartingWith("The worker has no connector line 1/a% +\u00fc;");
    }

    @Test
    void a_name_that_workers_of_kafka_4_take_in_no_path_is_what_is_wrong() {
        ConnectClient connect = answering(400, "<html><title>Error 400 Ambiguous URI path separator</title></html>");

        for (String name : List.of("a/b", "5%", "a\\b")) {
            assertThatExceptionOfType(WorkerRefusal.class)
                    .isThrownBy(() -> connect.status(name))
                    .withMessage("The worker at " + address() + " takes no request for the connector " + name
                            + ": from Kafka Connect 4 on, a connector's name must not have %, / or \\.");
        }
        assertThatExceptionOfType(WorkerRefusal.class)
                .isThrownBy(() -> connect.status("it's a?b#c"))
                .withMessageContaining("look at what stands in front of it");
    }
}
