package io.sluice.connect.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.record.Lanes;
import io.sluice.remote.BufferEndpoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskShareTest {

    @Test
    void with_fewer_tasks_than_brokers_a_task_drains_several_whole_brokers() {
        List<BufferEndpoint> brokers = brokers(5);

        List<List<TaskShare>> tasks = TaskShare.divide(brokers, 2);

        assertThat(tasks)
                .containsExactly(
                        List.of(whole(brokers.get(0)), whole(brokers.get(2)), whole(brokers.get(4))),
                        List.of(whole(brokers.get(1)), whole(brokers.get(3))));
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "1,3,3", "1,64,64", "1,65,64", "2,3,3", "2,1000,128", "3,2,2", "3,3,3", "3,10,10", "7,1,1"})
    void every_lane_of_every_broker_is_drained_by_one_task_and_no_task_is_idle(int brokers, int maxTasks, int tasks) {
        List<List<TaskShare>> divided = TaskShare.divide(brokers(brokers), maxTasks);

        assertThat(divided)
                .hasSize(tasks)
                .allSatisfy(shares -> assertThat(shares)
                        .isNotEmpty()
                        .allSatisfy(share -> assertThat(share.lanes()).isNotEqualTo(Lanes.NONE)));
        Map<BufferEndpoint, Lanes> drained = new HashMap<>();
        divided.stream().flatMap(List::stream).forEach(share -> {
            Lanes before = drained.getOrDefault(share.endpoint(), Lanes.NONE);
            assertThat(before.intersects(share.lanes())).isFalse();
            drained.put(
                    share.endpoint(), new Lanes(before.mask() | share.lanes().mask()));
        });
        assertThat(drained)
                .hasSize(brokers)
                .allSatisfy((broker, lanes) -> assertThat(lanes).isEqualTo(Lanes.ALL));
    }

    @ParameterizedTest
    @CsvSource({"2,3", "1,5", "3,100"})
    void tasks_that_share_a_broker_have_as_many_lanes_each(int brokers, int maxTasks) {
        Map<BufferEndpoint, List<Integer>> lanes = new HashMap<>();
        TaskShare.divide(brokers(brokers), maxTasks).stream()
                .flatMap(List::stream)
                .forEach(share -> lanes.merge(
                        share.endpoint(),
                        List.of(Long.bitCount(share.lanes().mask())),
                        (one, other) ->
                                List.of(Math.min(one.get(0), other.get(0)), Math.max(one.get(0), other.get(0)))));

        assertThat(lanes.values())
                .allSatisfy(counts -> assertThat(counts.get(counts.size() - 1) - counts.get(0))
                        .isLessThanOrEqualTo(1));
    }

    @Test
    void what_the_connector_writes_the_task_reads() {
        for (List<TaskShare> shares : TaskShare.divide(brokers(3), 10)) {
            assertThat(TaskShare.read(TaskShare.write(shares))).isEqualTo(shares);
        }
        List<TaskShare> several = TaskShare.divide(brokers(3), 1).get(0);
        assertThat(TaskShare.read(TaskShare.write(several))).isEqualTo(several);
    }

    private static TaskShare whole(BufferEndpoint broker) {
        return new TaskShare(broker, Lanes.ALL);
    }

    private static List<BufferEndpoint> brokers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new BufferEndpoint(i % 2 == 1, "broker-" + i, 1884))
                .toList();
    }
}
