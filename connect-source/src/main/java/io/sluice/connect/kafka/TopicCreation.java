package io.sluice.connect.kafka;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The number of partitions with which Kafka Connect creates missing topics, by its own keys (KIP-158), unless its
 * worker has {@code topic.creation.enable=false}, which connectors are not told. Immutable.
 */
public final class TopicCreation {

    private static final String PREFIX = "topic.creation.";
    private static final String GROUPS = PREFIX + "groups";
    private static final String DEFAULT = "default";

    private final List<Group> groups;

    private TopicCreation(List<Group> groups) {
        this.groups = groups;
    }

    public static TopicCreation of(Map<String, String> properties) {
        Group byDefault = new Group(
                Pattern.compile(".*"), Pattern.compile(""), partitions(properties, DEFAULT, OptionalInt.empty()));
        List<Group> named = items(properties, GROUPS).stream()
                .map(name -> new Group(
                        pattern(properties, PREFIX + name + ".include"),
                        pattern(properties, PREFIX + name + ".exclude"),
                        partitions(properties, name, byDefault.partitions())))
                .toList();
        return new TopicCreation(
                Stream.concat(named.stream(), Stream.of(byDefault)).toList());
    }

    /** @param partitions absent: as Kafka has it by default, or topics are not created */
    private record Group(Pattern include, Pattern exclude, OptionalInt partitions) {}

    private static OptionalInt partitions(Map<String, String> properties, String group, OptionalInt byDefault) {
        String written = properties.get(PREFIX + group + ".partitions");
        if (written == null) {
            return byDefault;
        }
        int partitions = Integer.parseInt(written.strip());
        return partitions > 0 ? OptionalInt.of(partitions) : OptionalInt.empty();
    }

    private static Pattern pattern(Map<String, String> properties, String key) {
        return Pattern.compile(String.join("|", items(properties, key)));
    }

    private static List<String> items(Map<String, String> properties, String key) {
        return Arrays.stream(properties.getOrDefault(key, "").split(","))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    /** How many partitions a topic would have; absent if that is not said. */
    OptionalInt partitions(String topic) {
        return groups.stream()
                .filter(group -> group.include().matcher(topic).matches()
                        && !group.exclude().matcher(topic).matches())
                .findFirst()
                .map(Group::partitions)
                .orElse(OptionalInt.empty());
    }
}
