package io.sluice.tools.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.Context;
import io.sluice.tools.Settings;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class ConsolePageTest {

    private static final int MOST = 60_000;
    private static final Pattern NAMED = Pattern.compile("(?:href|src)=\"(/[^\"]+)\"");
    private static final Pattern IMPORTED = Pattern.compile("(?m)^(?:import|export) [^;]*?from '\\./([^']+)'");

    @Test
    void the_first_load_is_small_and_asks_nobody_else() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        Map<String, Integer> sizes = new LinkedHashMap<>();
        try (ConsoleServer server = new ConsoleServer(
                new ConsoleSetup(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        List.of(),
                        Optional.empty(),
                        "",
                        Optional.empty(),
                        false),
                new Places(Path.of("no-contexts"), new Settings(Map.of(), Optional.empty(), Context.EMPTY)),
                "test")) {
            URI address = URI.create(server.newAddress());
            Deque<String> wanted = new ArrayDeque<>(List.of("/"));
            while (!wanted.isEmpty()) {
                String path = wanted.remove();
                if (sizes.containsKey(path)) {
                    continue;
                }
                HttpResponse<byte[]> answer = http.send(
                        HttpRequest.newBuilder(address.resolve(path))
                                .header("Accept-Encoding", "gzip")
                                .build(),
                        BodyHandlers.ofByteArray());
                assertThat(answer.statusCode()).as(path).isEqualTo(200);
                assertThat(answer.headers().firstValue("Content-Encoding"))
                        .as(path)
                        .contains("gzip");
                sizes.put(path, answer.body().length);
                String text =
                        new String(new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes(), UTF_8);
                assertThat(text).as(path).doesNotContainPattern("(?:src|href|url)\\W{1,3}https?://");
                (path.equals("/") ? NAMED : IMPORTED)
                        .matcher(text)
                        .results()
                        .map(found -> path.equals("/") ? found.group(1) : "/" + found.group(1))
                        .forEach(wanted::add);
            }
        }

        assertThat(sizes).containsKeys("/app.js", "/list.js", "/lib/lit-html.js", "/console.css");
        assertThat(sizes.values().stream().mapToInt(Integer::intValue).sum())
                .as(sizes.toString())
                .isLessThan(MOST);
    }
}
