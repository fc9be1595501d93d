package io.sluice.benchmark;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * How much is measured.
 *
 * @param warmUps turns that do not count
 * @param rounds how often each contender takes its turn
 * @param messages messages of a turn
 * @param seconds length of a turn at a fixed rate
 * @param backlog messages that wait while Kafka is away
 * @param connections how many connections a turn at full load has, one after the other
 * @param parts what is measured unless somebody wants only some of it
 */
record Size(
        int warmUps, int rounds, int messages, int seconds, int backlog, List<Integer> connections, Set<Part> parts) {

    static final Size QUICK = new Size(
            1,
            2,
            50_000,
            2,
            100_000,
            List.of(16),
            EnumSet.of(Part.THROUGHPUT, Part.LIMITS, Part.LATENCY, Part.EXACTLY_ONCE));
    static final Size FULL = new Size(2, 5, 200_000, 10, 2_000_000, List.of(16, 50), EnumSet.allOf(Part.class));

    Size {
        connections = List.copyOf(connections);
        parts = Set.copyOf(parts);
    }

    Size withParts(Set<Part> wanted) {
        return new Size(warmUps, rounds, messages, seconds, backlog, connections, wanted);
    }

    Size withRounds(int turns) {
        return new Size(warmUps, turns, messages, seconds, backlog, connections, parts);
    }
}
