package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.testkit.ConnectRestException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a group of two workers does with two standalone brokers. */
class BrokersOutsideIT {

    private static final int PER_SECOND = 50;

    @RegisterExtension
    static final TwoBrokers BROKERS = new TwoBrokers();

    @Test
    @Tag("nightly")
    void a_change_of_the_number_of_tasks_under_load_loses_and_repeats_nothing() throws Exception {
        String name = "remote-tasks";
        BROKERS.secondWorker();
        BROKERS.create(name, 1, Map.of("ack.mode", "delivered"));
        try (Fleet fleet =
                new Fleet(PER_SECOND, BROKERS.one().mqttPort(), BROKERS.other().mqttPort())) {
            fleet.awaitMore(PER_SECOND);
            for (int tasks : new int[] {3, 2}) {
                BROKERS.rest().configure(name, BROKERS.configuration(name, tasks, Map.of("ack.mode", "delivered")));
                BROKERS.awaitTasks(name, tasks);
                fleet.awaitMore(PER_SECOND);
            }
            BROKERS.assertExactlyOnce(fleet, name);
        }
    }

    @Test
    @Tag("nightly")
    void one_broker_under_two_names_is_refused_also_where_two_workers_drain_it() throws Exception {
        String name = "remote-twice";
        BROKERS.secondWorker();
        String named = BROKERS.one().network().endpoint();
        String alias = named.replace("127.0.0.1", "localhost");
        BROKERS.rest().create(name, BROKERS.configuration(name, 2, Map.of("buffer.endpoints", named + "," + alias)));

        await().atMost(TwoBrokers.TIMEOUT)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .untilAsserted(() -> {
                    JsonNode tasks = BROKERS.rest().status(name).path("tasks");
                    assertThat(tasks.findValuesAsText("worker_id")).hasSize(2).doesNotHaveDuplicates();
                    assertThat(tasks.at("/0/trace").asText())
                            .contains(named + " and " + alias + " serve the same buffer, ")
                            .contains("Leave one of them out of buffer.endpoints");
                    assertThat(tasks.at("/1/trace").asText())
                            .contains(alias + " and " + named + " serve the same buffer, ");
                });
        BROKERS.rest().delete(name);
    }
}
