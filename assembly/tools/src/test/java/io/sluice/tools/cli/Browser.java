package io.sluice.tools.cli;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** Debian's Chromium without a window, as somebody uses it: by what is to be read on the page. */
final class Browser implements AutoCloseable {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final ChromeDriver driver;

    Browser(Path profile) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toString());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--window-size=1360,1040",
                "--user-data-dir=" + profile);
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(DRIVER.toFile())
                        .build(),
                options);
    }

    static boolean isInstalled() {
        return Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
    }

    void open(String address) {
        driver.get(address);
    }

    /** Goes to a page of the console. */
    void goTo(String hash) {
        driver.executeScript("location.hash = arguments[0]", hash);
    }

    String hash() {
        return String.valueOf(driver.executeScript("return location.hash"));
    }

    /** Clicks the button or link that is called so, as soon as there is one that can be clicked. */
    void click(String name) {
        act(
                By.xpath("//*[self::button or self::a or self::summary][normalize-space(.)=\"" + name
                        + "\" or @aria-label=\"" + name + "\"]"),
                WebElement::click);
    }

    /** The same for whatever a selector finds. */
    void clickAt(String css) {
        act(By.cssSelector(css), WebElement::click);
    }

    /** Types into the field with that id in place of what it holds. */
    void fill(String id, String text) {
        act(By.id(id), field -> {
            field.sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);
            field.sendKeys(text);
        });
    }

    /** The same for whatever a selector finds. */
    void fillAt(String css, String text) {
        act(By.cssSelector(css), field -> {
            field.sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);
            field.sendKeys(text);
        });
    }

    /** Waits until the page no longer waits for an answer. */
    void awaitSettled() {
        await().atMost(PATIENCE)
                .pollInSameThread()
                .until(() -> Boolean.TRUE.equals(driver.executeScript(
                        "return document.readyState === 'complete' && !document.querySelector('[aria-busy=true]')")));
    }

    /** What a button copies for another program. */
    String copied(String button) {
        driver.executeScript(
                "navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }");
        click(button);
        return String.valueOf(driver.executeScript("return window.copied"));
    }

    /** Chooses from a list. */
    void choose(String id, String option) {
        act(By.xpath("//select[@id='" + id + "']/option[contains(., \"" + option + "\")]"), WebElement::click);
    }

    private void act(By what, Consumer<WebElement> action) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .pollInSameThread()
                .ignoreExceptionsInstanceOf(WebDriverException.class)
                .until(() -> {
                    for (WebElement element : driver.findElements(what)) {
                        if (element.isDisplayed() && element.isEnabled()) {
                            action.accept(element);
                            return true;
                        }
                    }
                    return false;
                });
    }

    /** Waits until somebody reads that on the page. */
    void awaitText(String text) {
        awaitText("body", text);
    }

    /** Waits until somebody reads that in a part of it. */
    void awaitText(String css, String text) {
        await("'" + text + "' in " + css)
                .atMost(PATIENCE)
                .pollInSameThread()
                .pollInterval(Duration.ofMillis(100))
                .ignoreException(StaleElementReferenceException.class)
                .until(() -> text(css), read -> read.contains(text));
    }

    /** Waits until there is something of that kind. */
    void awaitPresence(String css) {
        await(css)
                .atMost(PATIENCE)
                .pollInSameThread()
                .until(() -> !driver.findElements(By.cssSelector(css)).isEmpty());
    }

    /** How many times the console has asked what a connector does. */
    long samples(String connector) {
        return (Long) Objects.requireNonNull(driver.executeAsyncScript(
                "const done = arguments[1]; fetch('/api/see/history/default/' + arguments[0]).then(r => r.json())"
                        + ".then(history => done(history.at.length))",
                connector));
    }

    /** What somebody reads in a part of the page, its fields included. */
    String text(String css) {
        return String.valueOf(driver.executeScript(
                "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText + ' '"
                        + " + [...e.querySelectorAll('input,textarea,select')].map(f => f.value).join(' ')).join('\\n')",
                css));
    }

    /** Whether the page is shown in dark colours. */
    void dark(boolean dark) {
        Map<String, Object> feature = Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
    }

    void screenshot(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What keeps people out who cannot see the page, or use no mouse: serious and critical findings of axe-core. */
    List<String> barriers() {
        try (InputStream in = Browser.class.getResourceAsStream("/axe.min.js")) {
            driver.executeScript(
                    new String(Objects.requireNonNull(in, "axe.min.js").readAllBytes(), StandardCharsets.UTF_8));
            Object result = driver.executeAsyncScript("const done = arguments[0]; axe.run(document, {resultTypes:"
                    + " ['violations']}).then(r => done(JSON.stringify(r.violations)), e => done('[{\"impact\":"
                    + "\"critical\",\"help\":\"' + e + '\",\"nodes\":[]}]'))");
            List<String> barriers = new ArrayList<>();
            for (JsonNode violation : new JsonMapper().readTree(String.valueOf(result))) {
                if (violation.path("impact").asText().matches("serious|critical")) {
                    barriers.add(violation.path("help").asText() + ": "
                            + violation.path("nodes").findValuesAsText("html"));
                }
            }
            return barriers;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the page, or the browser about it, has complained of. */
    List<String> complaints() {
        return driver.manage().logs().get("browser").getAll().stream()
                .map(entry -> entry.getLevel() + " " + entry.getMessage())
                // A request that is refused is part of some tests, and its sentence is on the page.
                .filter(line -> line.startsWith("SEVERE") && !line.contains("Failed to load resource"))
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
