package io.sluice.broker.memory;

import static io.sluice.broker.memory.TestMemory.inHeap;
import static io.sluice.broker.memory.TestMemory.session;
import static io.sluice.broker.memory.TestMemory.subscription;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SessionsAndSubscriptionsTest {

    private final BrokerMemory memory =
            BrokerMemory.open(inHeap(new MemoryLimits(5, 1_000, 1 << 20, 3, 5, 20, 5_000, 1 << 20)));

    @Test
    void a_session_is_as_it_was_last_saved() {
        memory.save(session("c", 10));
        memory.save(session("c", 20));
        assertThat(memory.sessions()).containsExactly(session("c", 20));
    }

    @Test
    void past_the_number_of_sessions_a_new_one_is_refused_and_a_known_one_is_not() {
        for (int i = 0; i < 5; i++) {
            assertThat(memory.save(session("c" + i))).isTrue();
        }
        assertThat(memory.save(session("more"))).isFalse();
        assertThat(memory.save(session("c1", 20))).isTrue();
        assertThat(memory.stats().refused()).containsEntry(Refusal.SESSIONS, 1L);
        memory.delete("c0");
        assertThat(memory.save(session("more"))).isTrue();
        assertThat(memory.stats().sessions()).isEqualTo(5);
    }

    @Test
    void saving_a_session_again_keeps_its_subscriptions_and_its_queue() {
        memory.save(session("c", 10));
        memory.subscribe(subscription("c", "a/#"));
        memory.queue("c").add(TestMemory.publish("a", "x"));
        memory.save(session("c", 20));
        assertThat(memory.subscriptions()).containsExactly(subscription("c", "a/#"));
        assertThat(memory.queue("c").size()).isEqualTo(1);
    }

    @Test
    void a_subscription_replaces_one_with_the_same_filter() {
        memory.save(session("c"));
        StoredSubscription other = new StoredSubscription("c", "$share/g/a/#", 2, false, false, 0, OptionalInt.empty());
        memory.subscribe(subscription("c", "$share/g/a/#"));
        memory.subscribe(other);
        assertThat(memory.subscriptions()).containsExactly(other);
        memory.unsubscribe("c", "$share/g/a/#");
        memory.unsubscribe("c", "never/there");
        assertThat(memory.subscriptions()).isEmpty();
    }

    @Test
    void a_client_may_have_so_many_subscriptions_and_replace_them() {
        memory.save(session("c"));
        for (int i = 0; i < 3; i++) {
            assertThat(memory.subscribe(subscription("c", "t/" + i))).isTrue();
        }
        assertThat(memory.subscribe(subscription("c", "more"))).isFalse();
        assertThat(memory.subscribe(subscription("c", "t/1"))).isTrue();
        assertThat(memory.stats().refused()).containsEntry(Refusal.SUBSCRIPTIONS, 1L);
        memory.unsubscribe("c", "t/0");
        assertThat(memory.subscribe(subscription("c", "more"))).isTrue();
    }

    @Test
    void all_clients_together_may_have_so_many_subscriptions_whether_their_sessions_last_or_not() {
        BrokerMemory passing = memory.passing();
        memory.save(session("lasting"));
        passing.save(session("passing"));
        for (int i = 0; i < 3; i++) {
            assertThat(memory.subscribe(subscription("lasting", "t/" + i))).isTrue();
        }
        assertThat(passing.subscribe(subscription("passing", "t/1"))).isTrue();
        assertThat(passing.subscribe(subscription("passing", "t/2"))).isTrue();
        assertThat(passing.subscribe(subscription("passing", "t/3"))).isFalse();
        assertThat(passing.subscribe(subscription("passing", "t/2"))).isTrue();
        assertThat(memory.stats().subscriptions()).isEqualTo(5);
        assertThat(memory.stats().refused()).containsEntry(Refusal.ALL_SUBSCRIPTIONS, 1L);

        memory.delete("lasting");
        assertThat(passing.subscribe(subscription("passing", "t/3"))).isTrue();
        passing.unsubscribe("passing", "t/3");
        passing.delete("passing");
        assertThat(memory.stats().subscriptions()).isZero();
    }

    @Test
    void filters_of_64_kibibytes_count_for_more_than_one() {
        memory.save(session("c"));
        assertThat(memory.subscribe(subscription("c", "a" + "x".repeat(65_000))))
                .isTrue();
        assertThat(memory.subscribe(subscription("c", "b" + "x".repeat(65_000))))
                .isFalse();
    }

    @Test
    void deleting_a_session_leaves_nothing_of_it() {
        memory.save(session("c"));
        memory.subscribe(subscription("c", "a"));
        memory.queue("c").add(TestMemory.publish("a", "x"));
        memory.delete("c");
        memory.delete("c");
        assertThat(memory.sessions()).isEmpty();
        assertThat(memory.subscriptions()).isEmpty();
        assertThat(memory.subscribe(subscription("c", "a"))).isFalse();
        assertThat(memory.stats().storedBytes()).isZero();
        assertThat(memory.stats().subscriptions()).isZero();
    }
}
