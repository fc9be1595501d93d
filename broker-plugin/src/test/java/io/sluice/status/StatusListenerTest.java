package io.sluice.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.LoggedEvents;
import io.sluice.status.ShownProcess.Role;
import java.net.BindException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StatusListenerTest {

    @RegisterExtension
    private final LoggedEvents logged = LoggedEvents.of(StatusListener.class.getName());

    private static StatusConfig config() {
        return new StatusConfig(StatusAddress.of("http://127.0.0.1:0"), Optional.empty(), Optional.empty(), false);
    }

    @Test
    void a_process_that_has_no_file_left_to_open_when_it_starts_is_told_and_goes_on() {
        List<String> told = new ArrayList<>();
        StatusListener.Opener opener = (wanted, answers) -> {
            throw new IllegalStateException("failed to create a child event loop");
        };
        StatusListener.acquireWhenFree(config(), new ShownProcess(Role.WORKER, "1"), told::add, opener)
                .close();
        assertThat(told)
                .containsExactly("The status cannot be served at " + config().listener()
                        + ": failed to create a child event loop. It is tried again every 2 seconds.");
    }

    @Test
    void an_address_is_tried_again_though_the_process_had_no_file_left_to_open() {
        StatusConfig config = config();
        List<String> told = new ArrayList<>();
        AtomicInteger tries = new AtomicInteger();
        StatusListener.Opener opener = (wanted, answers) -> switch (tries.incrementAndGet()) {
            case 1 -> throw new BindException("in use");
            case 2 -> throw new IllegalStateException("failed to create a child event loop");
            default -> StatusServer.start(wanted, answers, StatusServer.PATIENCE);
        };
        try (StatusListener listener =
                StatusListener.acquireWhenFree(config, new ShownProcess(Role.WORKER, "1"), told::add, opener)) {
            await().atMost(Duration.ofSeconds(20)).until(() -> listener.uri().isPresent());
        }
        assertThat(told).hasSize(1);
        assertThat(logged.lines())
                .filteredOn(line -> line.contains("is tried again every 2 seconds"))
                .containsExactly("The status cannot be served now at " + config.listener()
                        + "; it is tried again every 2 seconds");
    }
}
