package io.sluice.broker.session;

import static io.sluice.broker.session.TestSessions.inHeap;
import static io.sluice.broker.session.TestSessions.session;
import static io.sluice.broker.session.TestSessions.subscription;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SessionsAndSubscriptionsTest {

    private final SessionStore store = inHeap(new SessionLimits(5, 1_000, 1 << 20, 3, 5, 20, 5_000, 1 << 20));

    @Test
    void a_session_is_as_it_was_last_saved() {
        store.save(session("c", 10));
        store.save(session("c", 20));
        assertThat(store.sessions()).containsExactly(session("c", 20));
    }

    @Test
    void past_the_number_of_sessions_a_new_one_is_refused_and_a_known_one_is_not() {
        for (int i = 0; i < 5; i++) {
            assertThat(store.save(session("c" + i))).isTrue();
        }
        assertThat(store.save(session("more"))).isFalse();
        assertThat(store.save(session("c1", 20))).isTrue();
        assertThat(store.stats().refused()).containsEntry(Refusal.SESSIONS, 1L);
        store.delete("c0");
        assertThat(store.save(session("more"))).isTrue();
        assertThat(store.stats().sessions()).isEqualTo(5);
    }

    @Test
    void saving_a_session_again_keeps_its_subscriptions_and_its_queue() {
        store.save(session("c", 10));
        store.subscribe(subscription("c", "a/#"));
        store.queue("c").add(TestSessions.publish("a", "x"));
        store.save(session("c", 20));
        assertThat(store.subscriptions()).containsExactly(subscription("c", "a/#"));
        assertThat(store.queue("c").size()).isEqualTo(1);
    }

    @Test
    void a_subscription_replaces_one_with_the_same_filter() {
        store.save(session("c"));
        StoredSubscription other = new StoredSubscription("c", "$share/g/a/#", 2, false, false, 0, OptionalInt.empty());
        store.subscribe(subscription("c", "$share/g/a/#"));
        store.subscribe(other);
        assertThat(store.subscriptions()).containsExactly(other);
        store.unsubscribe("c", "$share/g/a/#");
        store.unsubscribe("c", "never/there");
        assertThat(store.subscriptions()).isEmpty();
    }

    @Test
    void a_client_may_have_so_many_subscriptions_and_replace_them() {
        store.save(session("c"));
        for (int i = 0; i < 3; i++) {
            assertThat(store.subscribe(subscription("c", "t/" + i))).isTrue();
        }
        assertThat(store.subscribe(subscription("c", "more"))).isFalse();
        assertThat(store.subscribe(subscription("c", "t/1"))).isTrue();
        assertThat(store.stats().refused()).containsEntry(Refusal.SUBSCRIPTIONS, 1L);
        store.unsubscribe("c", "t/0");
        assertThat(store.subscribe(subscription("c", "more"))).isTrue();
    }

    @Test
    void all_clients_together_may_have_so_many_subscriptions_whether_their_sessions_last_or_not() {
        SessionStore passing = store.passing();
        store.save(session("lasting"));
        passing.save(session("passing"));
        for (int i = 0; i < 3; i++) {
            assertThat(store.subscribe(subscription("lasting", "t/" + i))).isTrue();
        }
        assertThat(passing.subscribe(subscription("passing", "t/1"))).isTrue();
        assertThat(passing.subscribe(subscription("passing", "t/2"))).isTrue();
        assertThat(passing.subscribe(subscription("passing", "t/3"))).isFalse();
        assertThat(passing.subscribe(subscription("passing", "t/2"))).isTrue();
        assertThat(store.stats().subscriptions()).isEqualTo(5);
        assertThat(store.stats().refused()).containsEntry(Refusal.ALL_SUBSCRIPTIONS, 1L);

        store.delete("lasting");
        assertThat(passing.subscribe(subscription("passing", "t/3"))).isTrue();
        passing.unsubscribe("passing", "t/3");
        passing.delete("passing");
        assertThat(store.stats().subscriptions()).isZero();
    }

    @Test
    void filters_of_64_kibibytes_count_for_more_than_one() {
        store.save(session("c"));
        assertThat(store.subscribe(subscription("c", "a" + "x".repeat(65_000)))).isTrue();
        assertThat(store.subscribe(subscription("c", "b" + "x".repeat(65_000)))).isFalse();
    }

    @Test
    void deleting_a_session_leaves_nothing_of_it() {
        store.save(session("c"));
        store.subscribe(subscription("c", "a"));
        store.queue("c").add(TestSessions.publish("a", "x"));
        store.delete("c");
        store.delete("c");
        assertThat(store.sessions()).isEmpty();
        assertThat(store.subscriptions()).isEmpty();
        assertThat(store.subscribe(subscription("c", "a"))).isFalse();
        assertThat(store.stats().storedBytes()).isZero();
        assertThat(store.stats().subscriptions()).isZero();
    }
}
