package io.sluice.tools.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.Context;
import io.sluice.tools.Settings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A console that is asked as a browser, or an attacker, asks it. */
abstract class AskedConsole {

    @TempDir
    static Path folder;

    ConsoleServer server;

    int port;

    @BeforeEach
    void start() {
        server = started(false);
    }

    @AfterEach
    void end() {
        server.close();
    }

    ConsoleServer started(boolean readOnly) {
        ConsoleServer started = new ConsoleServer(
                new ConsoleSetup(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        List.of(),
                        Optional.empty(),
                        "",
                        Optional.empty(),
                        readOnly),
                places(),
                "test");
        port = URI.create(started.newAddress()).getPort();
        return started;
    }

    static Places places() {
        return new Places(
                folder.resolve("contexts.json"),
                new Settings(
                        Map.of("SLUICE_WORKER", "http://127.0.0.1:9", "SLUICE_BROKER", "mqtt://127.0.0.1:9"),
                        Optional.empty(),
                        Context.EMPTY));
    }

    String cookie() throws Exception {
        RawRequest.Answer answer = RawRequest.get(port, tokenPath()).send();
        assertThat(answer.status()).isEqualTo(303);
        return answer.header("Set-Cookie").split(";", -1)[0];
    }

    String tokenPath() {
        URI address = URI.create(server.newAddress());
        return address.getPath() + "?" + address.getQuery();
    }
}
