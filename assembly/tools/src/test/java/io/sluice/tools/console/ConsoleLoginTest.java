package io.sluice.tools.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.sluice.tools.ToolException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets into the console: printed addresses, cookies and passwords. */
class ConsoleLoginTest extends AskedConsole {

    @Test
    void the_printed_address_lets_in_once_and_the_cookie_is_out_of_reach_for_scripts_and_other_sites()
            throws Exception {
        String path = tokenPath();

        RawRequest.Answer first = RawRequest.get(port, path).send();
        RawRequest.Answer second = RawRequest.get(port, path).send();

        assertThat(first.header("Set-Cookie")).contains("; HttpOnly", "; SameSite=Strict", "; Path=/");
        assertThat(first.header("Location")).isEqualTo("/");
        assertThat(second.header("Set-Cookie")).isEmpty();
        String cookie = first.header("Set-Cookie").split(";", -1)[0];
        assertThat(RawRequest.get(port, "/api/see/console")
                        .with("Cookie", cookie)
                        .send()
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_new_address_ends_the_one_before() throws Exception {
        String old = tokenPath();
        server.newAddress();

        assertThat(RawRequest.get(port, old).send().header("Set-Cookie")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sluice-console-1=x", "x=y; z"})
    void without_a_session_nothing_is_answered_but_the_page_itself(String cookie) throws Exception {
        for (String path : List.of("/api/see/console", "/api/see/live/default", "/api/see/brokers/default", "/api/")) {
            RawRequest.Answer answer =
                    RawRequest.get(port, path).with("Cookie", cookie).send();
            assertThat(answer.status()).as(path).isEqualTo(401);
            assertThat(answer.body()).contains("sluice console");
        }
        assertThat(RawRequest.post(port, "/api/do/delete/default/x", "{}")
                        .send()
                        .status())
                .isEqualTo(401);
        assertThat(RawRequest.get(port, "/?token=guessed").send().header("Set-Cookie"))
                .isEmpty();
        assertThat(RawRequest.get(port, "/").send().status()).isEqualTo(200);
    }

    @Test
    void a_session_that_is_left_is_over() throws Exception {
        String cookie = cookie();
        assertThat(RawRequest.post(port, "/api/logout", "{}")
                        .with("Cookie", cookie)
                        .send()
                        .status())
                .isEqualTo(200);

        assertThat(RawRequest.get(port, "/api/see/console")
                        .with("Cookie", cookie)
                        .send()
                        .status())
                .isEqualTo(401);
    }

    @Test
    void beyond_this_machine_it_wants_tls_and_a_password_file() throws Exception {
        InetSocketAddress everywhere = new InetSocketAddress("0.0.0.0", 0);
        Path users = Files.writeString(folder.resolve("users"), Passwords.line("ada", "secret", 1_000) + "\n");

        assertThatThrownBy(() -> new ConsoleSetup(
                        everywhere, List.of(), Optional.empty(), "", Optional.of(new Passwords(users)), false))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("needs --tls-keystore and --password-file");
        assertThatThrownBy(() -> new ConsoleSetup(
                        everywhere, List.of(), Optional.of(folder.resolve("key.p12")), "", Optional.empty(), false))
                .isInstanceOf(ToolException.class);
    }

    @Test
    void with_a_password_file_only_its_users_are_let_in() throws Exception {
        Path users = startWithPasswords();

        assertThat(server.newAddress()).doesNotContain("token");
        assertThat(login("ada", "wrong").status()).isEqualTo(401);
        RawRequest.Answer answer = login("ada", "secret");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(RawRequest.get(port, "/api/see/console")
                        .with("Cookie", answer.header("Set-Cookie").split(";", -1)[0])
                        .send()
                        .status())
                .isEqualTo(200);
        Files.writeString(users, Passwords.line("bob", "other", 1_000) + "\n");
        assertThat(login("ada", "secret").status()).isEqualTo(401);
        assertThat(login("bob", "other").status()).isEqualTo(200);
        assertThat(Passwords.line("ada", "secret"))
                .startsWith("ada:pbkdf2-sha256:")
                .doesNotContain("secret");
    }

    /** Who is not let in yet has no memory of the console for what it sends. */
    @Test
    void a_login_that_is_longer_than_names_and_passwords_are_is_refused() throws Exception {
        startWithPasswords();

        RawRequest.Answer long5000 = login("ada", "x".repeat(5_000));

        assertThat(long5000.status()).isEqualTo(413);
        assertThat(long5000.body()).contains("The request has more than 4096 bytes.");
        assertThat(login("ada", "secret").status()).isEqualTo(200);
    }

    private Path startWithPasswords() throws Exception {
        return startWithPasswords(1_000);
    }

    private Path startWithPasswords(int iterations) throws Exception {
        Path users = Files.writeString(folder.resolve("users"), Passwords.line("ada", "secret", iterations) + "\n");
        server.close();
        server = new ConsoleServer(
                new ConsoleSetup(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        List.of(),
                        Optional.empty(),
                        "",
                        Optional.of(new Passwords(users)),
                        false),
                places(),
                "test");
        port = URI.create(server.newAddress()).getPort();
        return users;
    }

    /** A wrong password takes a second to answer. */
    @Test
    void who_guesses_has_one_password_checked_at_a_time_and_holds_up_nobody_at_another_address() throws Exception {
        startWithPasswords();
        InetAddress attacker = InetAddress.getByName("127.0.0.2");
        assumeThat(canBind(attacker))
                .as("127.0.0.2, which this machine's loopback does not have")
                .isTrue();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> guesses = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                guesses.add(threads.submit(
                        () -> loginRequest("ada", "guess").sendFrom(attacker).status()));
            }
            await().until(() -> guesses.stream().filter(Future::isDone).count() >= 3);

            assertThat(login("ada", "secret").status()).isEqualTo(200);
            List<Integer> answers = new ArrayList<>();
            for (Future<Integer> guess : guesses) {
                answers.add(guess.get());
            }
            assertThat(answers).containsExactlyInAnyOrder(401, 429, 429, 429);
            assertThat(loginRequest("ada", "secret").sendFrom(attacker).status())
                    .as("when the guess was answered")
                    .isEqualTo(200);
        } finally {
            threads.shutdownNow();
        }
    }

    /** More than the console has threads. */
    @Test
    void who_guesses_from_many_addresses_holds_up_nobody_who_does_not_log_in() throws Exception {
        startWithPasswords(20_000);
        assumeThat(canBind(InetAddress.getByName("127.0.0.2")))
                .as("127.0.0.2, which this machine's loopback does not have")
                .isTrue();
        List<Socket> guesses = new ArrayList<>();
        try {
            for (int i = 1; i <= 120; i++) {
                guesses.add(loginRequest("ada", "guess").writtenFrom(InetAddress.getByName("127.0.1." + i)));
            }
            assertThat(RawRequest.get(port, "/").send().status()).isEqualTo(200);
        } finally {
            for (Socket guess : guesses) {
                guess.close();
            }
        }
        await().untilAsserted(() ->
                assertThat(login("ada", "secret").status()).as("a moment later").isEqualTo(200));
    }

    private static boolean canBind(InetAddress address) {
        try (ServerSocket socket = new ServerSocket(0, 1, address)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private RawRequest.Answer login(String user, String password) throws Exception {
        return loginRequest(user, password).send();
    }

    private RawRequest loginRequest(String user, String password) {
        return RawRequest.post(port, "/api/login", "{\"user\":\"" + user + "\",\"password\":\"" + password + "\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a:b", "#ada", " ada", "a\nb"})
    void a_user_whom_the_password_file_cannot_name_gets_no_line(String user) {
        assertThatThrownBy(() -> Passwords.line(user, "secret"))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("is no user");
    }
}
