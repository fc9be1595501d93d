package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The console for somebody who cannot see it, or uses it in the dark. */
@Tag("nightly")
class ConsoleAccessibilityIT {

    @RegisterExtension
    static final OpenConsole CONSOLE = new OpenConsole();

    @Test
    void every_page_is_open_to_who_cannot_see_it_in_both_colour_schemes() throws Exception {
        Browser browser = CONSOLE.browser();
        int port = CONSOLE.apply("open", Map.of("status.listener", CONSOLE.status()));
        CONSOLE.apply("sleeping", Map.of("topic.filters", "lamps/+/state", "status.listener", CONSOLE.status()));
        CONSOLE.installed().rest().pause("sleeping");
        CONSOLE.publish(port, "sensors/1", "21.5");
        for (String page : List.of(
                "integrations",
                "new",
                "change/open",
                "integration/open",
                "integration/open/events",
                "integration/open/letters",
                "integration/open/offsets",
                "integration/open/preview",
                "integration/open/configuration",
                "clients",
                "mqtt")) {
            browser.goTo("#/" + page);
            browser.awaitText("h1", page.contains("open") ? "open" : "");
            browser.awaitSettled();
            for (boolean dark : List.of(false, true)) {
                browser.dark(dark);
                browser.screenshot(
                        OpenConsole.SCREENSHOTS.resolve(page.replace('/', '-') + (dark ? "-dark" : "-light") + ".png"));
                assertThat(browser.barriers())
                        .as(page + (dark ? ", dark" : ", light"))
                        .isEmpty();
            }
        }
    }
}
