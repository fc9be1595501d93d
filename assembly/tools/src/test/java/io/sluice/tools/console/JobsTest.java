package io.sluice.tools.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobsTest {

    private final CountDownLatch end = new CountDownLatch(1);
    private final Jobs jobs = new Jobs();

    @AfterEach
    void end() {
        end.countDown();
        jobs.close();
    }

    private String begin(String connector) {
        return jobs.begin("http://worker:8083", connector, "It begins.", progress -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        throw new ToolException(ExitCode.FAILED, "It was interrupted.", e);
                    }
                    return "It is done.";
                })
                .path("job")
                .asText();
    }

    private String state(String job) {
        return jobs.see(job).path("state").asText();
    }

    @Test
    void a_connector_has_one_job_at_a_time() {
        String first = begin("a");

        assertThatThrownBy(() -> begin("a"))
                .isInstanceOfSatisfying(
                        CallRefused.class, e -> assertThat(e.status()).isEqualTo(409))
                .hasMessage("The connector a is being rewound already; wait until that has ended.");
        begin("b");
        end.countDown();
        await().until(() -> state(first).equals("done"));
        await().ignoreExceptions().until(() -> !begin("a").isEmpty());
    }

    @Test
    void a_job_begins_at_once_or_not_at_all() {
        for (int i = 0; i < 4; i++) {
            begin("connector-" + i);
        }

        assertThatThrownBy(() -> begin("one-more"))
                .isInstanceOfSatisfying(
                        CallRefused.class, e -> assertThat(e.status()).isEqualTo(503));
        end.countDown();
        await().ignoreExceptions().until(() -> !begin("one-more").isEmpty());
    }
}
