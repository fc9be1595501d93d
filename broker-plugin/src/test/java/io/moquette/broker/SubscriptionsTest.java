package io.moquette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.moquette.broker.subscriptions.Subscription;
import io.moquette.broker.subscriptions.Topic;
import io.sluice.broker.session.StoredSubscription;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tree of subscriptions, without a broker around it. */
class SubscriptionsTest {

    private final Set<String> away = new HashSet<>();
    private final Subscriptions subscriptions = new Subscriptions(client -> !away.contains(client));

    @Test
    @Timeout(30)
    void nothing_is_left_of_many_clients_that_have_come_with_filters_of_their_own_and_gone() {
        String empty = subscriptions.dumpTree();
        add("stays", "a/+/b", 1);
        String one = subscriptions.dumpTree();
        for (int i = 0; i < 100_000; i++) {
            String share = i % 2 == 0 ? "" : "$share/g/";
            add("client" + i, share + "a/" + i + "/b", 1);
            subscriptions.remove("client" + i, share + "a/" + i + "/b");
        }
        assertThat(subscriptions.dumpTree()).isEqualTo(one);
        assertThat(matching("a/77/b")).containsExactly("stays");
        subscriptions.removeAll("stays");
        assertThat(subscriptions.dumpTree()).isEqualTo(empty);
        assertThat(subscriptions.size()).isZero();
    }

    @Test
    @Timeout(30)
    void many_clients_with_filters_of_their_own_are_there_at_once_and_are_found() {
        for (int i = 0; i < 100_000; i++) {
            add("client" + i, "reply/" + i + "/x", 1);
        }
        assertThat(subscriptions.size()).isEqualTo(100_000);
        assertThat(matching("reply/77777/x")).containsExactly("client77777");
        assertThat(matching("reply/none/x")).isEmpty();
    }

    @Test
    void whoever_leaves_a_filter_takes_along_no_other_subscription_to_it() {
        List<String> filters = List.of("s/#", "$share/g/s/#", "$share/h/s/#");
        for (String leaves : filters) {
            filters.forEach(filter -> add("both", filter, 1));
            add("member", "$share/g/s/#", 1);
            subscriptions.remove("both", leaves);
            int left = leaves.equals("$share/g/s/#") ? 3 : 2; // the group g still has a member
            assertThat(subscriptions.matchWithoutQosSharpening(new Topic("s/x")))
                    .as("after %s has left", leaves)
                    .hasSize(left);
            subscriptions.removeAll("both");
            assertThat(matching("s/x")).containsExactly("member");
            subscriptions.removeAll("member");
            assertThat(matching("s/x")).isEmpty();
        }
    }

    @Test
    void all_members_of_a_group_may_get_a_message_that_one_of_them_gets() {
        add("one", "$share/g/t", 1);
        add("two", "$share/g/t", 1);
        add("alone", "+", 1);
        assertThat(matching("t")).hasSize(2);
        assertThat(subscriptions.clients("t")).containsExactlyInAnyOrder("one", "two", "alone");
        assertThat(subscriptions.clients("u")).containsExactly("alone");
    }

    @Test
    void a_member_of_a_group_that_is_away_gets_a_message_only_if_all_are() {
        List<String> members = List.of("one", "two", "three");
        members.forEach(member -> add(member, "$share/g/t", 1));
        away.addAll(List.of("one", "two"));
        for (int i = 0; i < 100; i++) {
            assertThat(matching("t")).containsExactly("three");
        }
        away.add("three");
        assertThat(matching("t")).hasSize(1).isSubsetOf(members);
    }

    @Test
    void one_who_subscribes_again_gets_the_quality_of_service_that_it_asked_for_last() {
        for (String filter : List.of("t", "$share/g/t")) {
            assertThat(add("c", filter, 2)).isTrue();
            assertThat(add("c", filter, 0)).isFalse();
            assertThat(subscriptions.matchQosSharpening(new Topic("t")))
                    .singleElement()
                    .satisfies(found -> assertThat(found.option().qos().value()).isZero());
            subscriptions.removeAll("c");
        }
    }

    @Test
    void of_several_filters_of_a_client_that_match_the_one_with_the_highest_quality_of_service_counts() {
        add("c", "t/#", 0);
        add("c", "t/+", 2);
        add("c", "t/x", 1);
        add("c", "$share/g/t/x", 1);
        assertThat(subscriptions.matchQosSharpening(new Topic("t/x")))
                .extracting(found -> found.getShareName() + found.option().qos().value())
                .containsExactlyInAnyOrder("2", "g1");
    }

    private boolean add(String clientId, String filter, int qos) {
        return subscriptions.add(new StoredSubscription(clientId, filter, qos, false, false, 0, OptionalInt.empty()));
    }

    private List<String> matching(String topic) {
        return subscriptions.matchQosSharpening(new Topic(topic)).stream()
                .map(Subscription::getClientId)
                .toList();
    }
}
