package io.sluice.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RepeatedTest {

    private final Deque<Optional<Error>> outcomes = new ArrayDeque<>();
    private final List<String> said = new ArrayList<>();

    private void work() {
        outcomes.remove().ifPresent(error -> {
            throw error;
        });
    }

    private void run(Repeated repeated, String... errors) {
        for (String error : errors) {
            outcomes.add(error.isEmpty() ? Optional.empty() : Optional.of(new OutOfMemoryError(error)));
            repeated.run();
        }
    }

    @Test
    void what_fails_is_said_once_until_it_succeeds_again() {
        run(new Repeated(this::work, e -> said.add(e.getMessage())), "first", "second", "", "third", "fourth");
        assertThat(said).containsExactly("first", "third");
    }

    @Test
    void what_could_not_be_said_is_said_the_next_time() {
        Repeated repeated = new Repeated(this::work, e -> {
            said.add(e.getMessage());
            if (said.size() == 1) {
                throw new OutOfMemoryError("while it is said");
            }
        });
        run(repeated, "first", "second", "third");
        assertThat(said).containsExactly("first", "second");
    }
}
