package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.testkit.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The console in a browser, with a real worker, Kafka and broker behind it. Each test begins at the list of connectors. */
final class OpenConsole
        implements BeforeAllCallback,
                BeforeEachCallback,
                AfterTestExecutionCallback,
                AfterEachCallback,
                AfterAllCallback {

    static final Path SCREENSHOTS = Path.of("target", "console-screenshots");
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Installed installed = new Installed();
    private TemporaryFolder home;
    private Thread console;
    private Browser browser;
    private String silent;
    private String status;

    @Override
    public void beforeAll(ExtensionContext context) {
        assumeTrue(Browser.isInstalled(), "There is no browser; install Debian's chromium and chromium-driver.");
        installed.beforeAll(context);
        home = TemporaryFolder.create("sluice-console-");
        silent = "mqtt://127.0.0.1:" + installed.freePort();
        status = "http://127.0.0.1:" + installed.freePort();
        Tool.Watched watched = installed
                .tool(home())
                .with("SLUICE_BROKER", silent)
                .with("SLUICE_STATUS", status)
                .watched();
        console = new Thread(() -> watched.run("console", "--port", "0"));
        console.setDaemon(true);
        console.start();
        await().atMost(PATIENCE).until(() -> watched.out().contains("token="));
        browser = new Browser(home().resolve("profile"));
        browser.open(watched.out().strip());
        browser.awaitText("h1", "Integrations");
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        browser.dark(false);
        browser.goTo("#/integrations");
        browser.awaitText("h1", "Integrations");
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws IOException {
        installed.afterTestExecution(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        assertThat(browser.complaints()).isEmpty();
        installed.deleteConnectors();
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (console != null) {
            console.interrupt();
            console.join();
        }
        if (home != null) {
            home.close();
        }
    }

    Installed installed() {
        return installed;
    }

    Browser browser() {
        return browser;
    }

    Path home() {
        return home.path();
    }

    /** A broker's address at which nothing listens. */
    String silent() {
        return silent;
    }

    /** Where the console looks for the status of a broker. */
    String status() {
        return status;
    }

    /** A connector that has a separate broker and buffer; returns its port. */
    int apply(String name, Map<String, String> settings) throws IOException {
        int port = installed.freePort();
        Path file = installed.file(home(), name, port, name);
        String more = settings.entrySet().stream()
                .map(each -> "\"" + each.getKey() + "\": \"" + each.getValue() + "\", ")
                .reduce("", String::concat);
        String json = Files.readString(file);
        for (String key : settings.keySet()) {
            json = json.replaceFirst(" *\"" + key + "\": \"[^\"]*\",?\n", "");
        }
        Files.writeString(file, json.replace("\"config\": {", "\"config\": { " + more));
        Tool.Ended applied = tool().run("connector", "apply", "-f", file.toString());
        assertThat(applied.exitCode()).as(applied.err()).isZero();
        return port;
    }

    /** Publishes each line as soon as the broker takes it. */
    void publish(int port, String topic, String lines, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "publish",
                "-t",
                topic,
                "-q",
                "1",
                "-i",
                "device-1",
                "--lines",
                "--broker",
                "mqtt://127.0.0.1:" + port));
        command.addAll(List.of(options));
        await().atMost(PATIENCE).untilAsserted(() -> {
            Tool.Ended ended = tool().runWith(lines, command.toArray(new String[0]));
            assertThat(ended.exitCode()).as(ended.err()).isZero();
        });
    }

    private Tool tool() {
        return installed.tool(home());
    }
}
