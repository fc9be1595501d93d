package io.sluice.connect.config;

import io.sluice.buffer.record.Lanes;
import io.sluice.remote.BufferEndpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What one task drains of one broker. All messages of a client are in one lane, so tasks that share a broker by lanes keep
 * the order of each client.
 *
 * @param endpoint where the broker serves its buffer
 */
public record TaskShare(BufferEndpoint endpoint, Lanes lanes) {

    /**
     * Divides brokers among tasks: each broker goes to one task, as long as there are no more tasks than brokers;
     * beyond that, each to several, by lanes. No two tasks share a lane, none has nothing to do, and the tasks' shares
     * differ as little as possible.
     *
     * @param maxTasks at least 1
     * @return the shares of each task
     */
    static List<List<TaskShare>> divide(List<BufferEndpoint> endpoints, int maxTasks) {
        List<List<TaskShare>> tasks = new ArrayList<>();
        if (maxTasks <= endpoints.size()) {
            for (int task = 0; task < maxTasks; task++) {
                tasks.add(new ArrayList<>());
            }
            for (int i = 0; i < endpoints.size(); i++) {
                tasks.get(i % maxTasks).add(new TaskShare(endpoints.get(i), Lanes.ALL));
            }
            return tasks;
        }
        for (int i = 0; i < endpoints.size(); i++) {
            int parts = maxTasks / endpoints.size() + (i < maxTasks % endpoints.size() ? 1 : 0);
            for (Lanes lanes : lanes(Math.min(parts, Lanes.COUNT))) {
                tasks.add(List.of(new TaskShare(endpoints.get(i), lanes)));
            }
        }
        return tasks;
    }

    private static List<Lanes> lanes(int parts) {
        Lanes[] lanes = new Lanes[parts];
        Arrays.fill(lanes, Lanes.NONE);
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            lanes[lane % parts] = lanes[lane % parts].with(lane);
        }
        return List.of(lanes);
    }

    /** Shares as the connector writes them into the configuration of a task. */
    static String write(List<TaskShare> shares) {
        return shares.stream()
                .map(share ->
                        share.endpoint() + "/" + Long.toHexString(share.lanes().mask()))
                .collect(Collectors.joining(","));
    }

    static List<TaskShare> read(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(share -> {
                    int slash = share.lastIndexOf('/');
                    return new TaskShare(
                            BufferEndpoint.of(share.substring(0, slash)),
                            new Lanes(Long.parseUnsignedLong(share.substring(slash + 1), 16)));
                })
                .toList();
    }
}
