package io.sluice.tools.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody's page, a neighbour on the machine, or a rebound name can try. No worker answers; none has to. */
class ConsoleAttacksTest extends AskedConsole {

    @ParameterizedTest
    @ValueSource(strings = {"attacker.example", "attacker.example:8090", "127.0.0.1", "127.0.0.1.attacker.example", ""})
    void a_name_that_is_rebound_to_this_machine_is_not_served(String host) throws Exception {
        String cookie = cookie();
        String token = tokenPath();

        for (String path : List.of("/", token, "/app.js", "/api/see/console")) {
            assertThat(RawRequest.get(port, path)
                            .with("Host", host)
                            .with("Cookie", cookie)
                            .send()
                            .status())
                    .as(path)
                    .isEqualTo(421);
        }
        // The token was not used up.
        assertThat(RawRequest.get(port, token).send().header("Set-Cookie")).isNotEmpty();
    }

    @Test
    void a_page_of_somebody_else_cannot_write_with_the_visitors_cookie() throws Exception {
        String cookie = cookie();

        assertThat(write(cookie).without("Sluice-Console").send().status()).isEqualTo(403);
        assertThat(write(cookie).with("Sluice-Console", "0").send().status()).isEqualTo(403);
        assertThat(write(cookie)
                        .with("Origin", "http://attacker.example")
                        .send()
                        .status())
                .isEqualTo(403);
        assertThat(write(cookie).with("Origin", "http://127.0.0.1:1").send().status())
                .isEqualTo(403);
        assertThat(write(cookie).with("Origin", "null").send().status()).isEqualTo(403);
        assertThat(write(cookie).with("Sec-Fetch-Site", "cross-site").send().status())
                .isEqualTo(403);
        assertThat(write(cookie).with("Sec-Fetch-Site", "same-site").send().status())
                .isEqualTo(403);
        assertThat(write(cookie).with("Content-Type", "text/plain").send().status())
                .isEqualTo(415);
        assertThat(write(cookie)
                        .with("Origin", "http://127.0.0.1:" + port)
                        .send()
                        .status())
                .as("its own page is asked further, and nobody answers at the worker")
                .isEqualTo(502);
        assertThat(RawRequest.get(port, "/api/see/console")
                        .with("Cookie", cookie)
                        .with("Sec-Fetch-Site", "cross-site")
                        .send()
                        .status())
                .isEqualTo(403);
        assertThat(RawRequest.of(port, "OPTIONS /api/do/pause/default/x")
                        .with("Origin", "http://attacker.example")
                        .send()
                        .headers())
                .doesNotContainKey("access-control-allow-origin");
    }

    private RawRequest write(String cookie) {
        return RawRequest.post(port, "/api/do/pause/default/x", "{}").with("Cookie", cookie);
    }

    @Test
    void what_changes_something_is_a_post_and_what_does_not_says_so() throws Exception {
        String cookie = cookie();

        for (String request : List.of(
                "GET /api/do/pause/default/x",
                "HEAD /api/do/pause/default/x",
                "GET /api/ask/check/default",
                "GET /api/%64o/delete/default/x",
                "HEAD /api/d%6F/pause/default/x",
                "GET /api/%61sk/check/default",
                "PUT /api/do/pause/default/x",
                "DELETE /api/do/pause/default/x",
                "TRACE /")) {
            assertThat(RawRequest.of(port, request)
                            .with("Cookie", cookie)
                            .send()
                            .status())
                    .as(request)
                    .isEqualTo(405);
        }
        assertThat(RawRequest.post(port, "/api/see/console", "{}")
                        .with("Cookie", cookie)
                        .send()
                        .status())
                .isEqualTo(405);
        assertThat(RawRequest.post(port, "/", "{}")
                        .with("Cookie", cookie)
                        .send()
                        .status())
                .isEqualTo(405);
    }

    @Test
    void a_console_that_only_looks_refuses_every_order_in_the_server() throws Exception {
        server.close();
        server = started(true);
        String cookie = cookie();

        for (String order : List.of(
                "apply/default",
                "delete/default/x",
                "restart/default/x",
                "rewind/default/x",
                "resend/default",
                "mqtt-connect/default",
                "mqtt-publish/x",
                "nothing")) {
            RawRequest.Answer answer = RawRequest.post(port, "/api/do/" + order, "{}")
                    .with("Cookie", cookie)
                    .send();
            assertThat(answer.status()).as(order).isEqualTo(403);
            assertThat(answer.body()).contains("is read-only");
        }
        assertThat(RawRequest.post(port, "/api/ask/preview/default", "{\"name\":\"x\"}")
                        .with("Cookie", cookie)
                        .send()
                        .status())
                .isEqualTo(422);
    }

    @Test
    void every_answer_forbids_inline_scripts_framing_guessed_types_and_referrers() throws Exception {
        for (RawRequest request : List.of(
                RawRequest.get(port, "/"),
                RawRequest.get(port, "/app.js"),
                RawRequest.get(port, "/api/see/console"),
                RawRequest.get(port, "/nothing.js"),
                RawRequest.get(port, "/").with("Host", "attacker.example"))) {
            RawRequest.Answer answer = request.send();
            assertThat(answer.header("Content-Security-Policy"))
                    .startsWith("default-src 'self';")
                    .contains("frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'")
                    .doesNotContain("unsafe");
            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("X-Frame-Options")).isEqualTo("DENY");
            assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
            assertThat(answer.headers()).doesNotContainKey("access-control-allow-origin");
        }
        assertThat(RawRequest.get(port, "/").send().body())
                .doesNotContainPattern("<script>|<style|style=|onload=|javascript:");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../Guard.class",
                "/Guard.class",
                "/%2e%2e/Guard.class",
                "/lib/../../cli/Sluice.class",
                "/META-INF/MANIFEST.MF",
                "//etc/passwd",
                "/..%2f..%2f..%2fetc/passwd",
                "/lib/uplot.js%00.html",
                "/a.b/../index.html"
            })
    void only_the_files_of_the_page_are_served(String path) throws Exception {
        assertThat(RawRequest.get(port, path).send().status()).isEqualTo(404);
    }

    @Test
    void addresses_come_from_contexts_only() throws Exception {
        String cookie = cookie();

        RawRequest.Answer broker = RawRequest.post(
                        port, "/api/do/mqtt-connect/default", "{\"broker\":\"mqtt://192.0.2.1:1883\"}")
                .with("Cookie", cookie)
                .send();
        assertThat(broker.status()).isEqualTo(422);
        assertThat(broker.body()).contains("neither the context's nor one of its worker's");
        RawRequest.Answer place = RawRequest.get(port, "/api/see/plugins/http:%2F%2F192.0.2.1")
                .with("Cookie", cookie)
                .send();
        assertThat(place.status()).isEqualTo(404);
        assertThat(place.body()).contains("There is no context http://192.0.2.1.");
    }

    @Test
    void an_order_that_is_spelled_with_escapes_is_an_order() throws Exception {
        server.close();
        server = started(true);

        assertThat(RawRequest.post(port, "/api/%64o/delete/default/x", "{}")
                        .with("Cookie", cookie())
                        .send()
                        .status())
                .isEqualTo(403);
    }

    @Test
    void an_order_is_read_before_it_is_followed() throws Exception {
        RawRequest.Answer answer = RawRequest.post(port, "/api/do/pause/default/x", "no JSON")
                .with("Cookie", cookie())
                .send();

        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void whoever_listens_takes_nothing_from_a_shared_subscription() throws Exception {
        RawRequest.Answer answer = RawRequest.post(
                        port,
                        "/api/ask/tap-check/default",
                        "{\"broker\":\"mqtt://127.0.0.1:9\",\"filter\":\"$share/readers/#\"}")
                .with("Cookie", cookie())
                .send();

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.body()).contains("shared subscription");
    }

    @Test
    void a_body_without_end_and_one_that_is_no_json_are_refused() throws Exception {
        String cookie = cookie();

        assertThat(RawRequest.post(port, "/api/ask/migrate/default", "{\"json\":\"" + "x".repeat(4 << 20) + "\"}")
                        .with("Cookie", cookie)
                        .send()
                        .status())
                .isEqualTo(413);
        assertThat(RawRequest.post(port, "/api/ask/migrate/default", "[")
                        .with("Cookie", cookie)
                        .send()
                        .status())
                .isEqualTo(400);
        assertThat(RawRequest.post(port, "/api/ask/migrate/default", "[".repeat(100_000))
                        .with("Cookie", cookie)
                        .send()
                        .status())
                .isEqualTo(400);
    }
}
