package io.sluice.connect.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicCreationTest {

    @Test
    void a_missing_topic_has_the_partitions_of_the_first_group_that_includes_it() {
        TopicCreation creation = TopicCreation.of(Map.of(
                "topic.creation.groups", "big, kafkas,same",
                "topic.creation.default.partitions", "2",
                "topic.creation.big.include", "big\\..*, large",
                "topic.creation.big.exclude", "big\\.not",
                "topic.creation.big.partitions", "12",
                "topic.creation.kafkas.include", "kafkas",
                "topic.creation.kafkas.partitions", "-1",
                "topic.creation.same.include", "same"));

        assertThat(creation.partitions("big.1")).hasValue(12);
        assertThat(creation.partitions("large")).hasValue(12);
        assertThat(creation.partitions("big.not")).hasValue(2);
        assertThat(creation.partitions("kafkas")).isEmpty();
        assertThat(creation.partitions("same")).hasValue(2);
        assertThat(creation.partitions("other")).hasValue(2);
    }

    @Test
    void what_does_not_say_how_topics_are_created_says_nothing_of_their_partitions() {
        assertThat(TopicCreation.of(Map.of()).partitions("t")).isEmpty();
    }
}
