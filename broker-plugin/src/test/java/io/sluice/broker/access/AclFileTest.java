package io.sluice.broker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.broker.access.AccessRule.Action;
import io.sluice.broker.access.AccessRules.Decision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AclFileTest {

    private static final String FACTORY = """
            # everybody
            topic read news/#
            pattern write devices/%c/#
            pattern readwrite homes/%u/+

            user ann
            roles operator auditor
            topic write plants/1/set # hers
            topic deny plants/+/secret

            role operator
            topic read plants/#
            pattern write reports/%u/%c
            topic deny plants/9/#

            role auditor
            topic read $SYS/#

            user bob
            topic #
            topic deny #
            """;

    @TempDir
    private Path dir;

    private AccessRules read(String text) throws Exception {
        return AclFile.read(Files.writeString(dir.resolve("acl"), text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
                    # user | client | action  | topic           | line that decides; ! denies; 0: none
                    -   | c     | SUBSCRIBE | news/a          | 2
                    -   | c     | PUBLISH   | news/a          | 0
                    -   | c     | PUBLISH   | devices/c/t     | 3
                    -   | c     | PUBLISH   | devices/c       | 3
                    -   | c     | PUBLISH   | devices/d/t     | 0
                    -   | c     | PUBLISH   | homes//a        | 0
                    ann | c     | PUBLISH   | homes/ann/a     | 4
                    ann | c     | SUBSCRIBE | homes/ann/+     | 4
                    ann | c     | SUBSCRIBE | homes/ann/#     | 0
                    ann | c     | SUBSCRIBE | homes/+/a       | 0
                    ann | c     | PUBLISH   | plants/1/set    | 8
                    ann | c     | PUBLISH   | plants/2/set    | 0
                    ann | c     | SUBSCRIBE | plants/#        | 12
                    ann | c     | SUBSCRIBE | plants/1/secret | !9
                    ann | c     | SUBSCRIBE | plants/9/a      | !14
                    ann | c     | SUBSCRIBE | plants/9/#      | !14
                    ann | c     | PUBLISH   | reports/ann/c   | 13
                    ann | c     | PUBLISH   | reports/bob/c   | 0
                    ann | c     | SUBSCRIBE | $SYS/uptime     | 17
                    carl| c     | SUBSCRIBE | plants/1        | 0
                    bob | c     | PUBLISH   | a               | !21
                    bob | c     | PUBLISH   | $SYS/a          | 0
                    """)
    void a_line_decides(String user, String client, Action action, String topic, String decides) throws Exception {
        Decision decision = read(FACTORY).decide(action, topic, Optional.ofNullable(user), client);

        int line = Integer.parseInt(decides.replace("!", ""));
        assertThat(decision.by().map(AccessRule::line).orElse(0)).isEqualTo(line);
        assertThat(decision.isAllowed()).isEqualTo(line > 0 && !decides.startsWith("!"));
    }

    /** A name is never a wildcard, is never more than one level of what it gives, and narrows no rule that does not name it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    +    | PUBLISH   | own/five/a     | false
                    +    | SUBSCRIBE | own/+/a        | false
                    #    | SUBSCRIBE | own/#          | false
                    a/b  | PUBLISH   | own/a/b/t      | false
                    a/b  | PUBLISH   | open/t         | true
                    +    | PUBLISH   | open/t         | true
                    #    | PUBLISH   | open/t         | true
                    %u   | PUBLISH   | own/ann/t      | false
                    %u   | PUBLISH   | own/%u/t       | true
                    b    | PUBLISH   | open/b/closed  | false
                    a/b  | PUBLISH   | open/a/b/closed| false
                    +    | PUBLISH   | open/x/closed  | true
                    #    | PUBLISH   | open/x/closed  | true
                    """)
    void odd_names_of_clients_neither_widen_nor_narrow_a_rule(
            String client, Action action, String topic, boolean allowed) throws Exception {
        AccessRules rules = read("""
                topic open/#
                pattern own/%c/#
                pattern deny open/%c/closed
                """);

        assertThat(rules.decide(action, topic, Optional.of("ann"), client).isAllowed())
                .isEqualTo(allowed);
    }

    /** Clients choose their names: {@code %c} is no name of the system's topics, and no way around a rule that denies. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    PUBLISH   | $SYS/broker/connection/a/state | false
                    SUBSCRIBE | $SYS/#                         | false
                    SUBSCRIBE | $stats/b                       | true
                    PUBLISH   | $stats/$SYS                    | false
                    PUBLISH   | own/$SYS/t                     | true
                    PUBLISH   | $SYS-own/t                     | false
                    """)
    void a_client_that_is_called_like_the_system_is_given_nothing_of_it(Action action, String topic, boolean allowed)
            throws Exception {
        AccessRules rules = read("""
                topic $stats/#
                pattern %c/#
                pattern %c-own/#
                pattern own/%c/#
                pattern deny $stats/%c
                """);

        assertThat(rules.decide(action, topic, Optional.of("ann"), "$SYS").isAllowed())
                .isEqualTo(allowed);
    }

    @Test
    void a_rule_that_denies_by_name_denies_also_what_is_called_like_the_system() throws Exception {
        AccessRules rules = read("topic $SYS/#\npattern deny %c/closed\n");

        assertThat(rules.decide(Action.PUBLISH, "$SYS/closed", Optional.empty(), "$SYS")
                        .isAllowed())
                .isFalse();
    }

    @Test
    void a_name_may_be_a_part_of_a_level_and_have_blanks() throws Exception {
        AccessRules rules = read("pattern write dev-%c-%u/x\nuser ann lee\ntopic read my topic/#\n");

        assertThat(rules.decide(Action.PUBLISH, "dev-c-ann lee/x", Optional.of("ann lee"), "c")
                        .isAllowed())
                .isTrue();
        assertThat(rules.decide(Action.PUBLISH, "dev-c-/x", Optional.empty(), "c")
                        .isAllowed())
                .isFalse();
        assertThat(rules.decide(Action.SUBSCRIBE, "my topic/a", Optional.of("ann lee"), "c")
                        .isAllowed())
                .isTrue();
    }

    @Test
    void a_wildcard_covers_system_topics_only_behind_their_name() throws Exception {
        AccessRules rules = read("topic read #\ntopic read +/a\ntopic write $SYS/broker/connection/#\n");

        assertThat(rules.decide(Action.SUBSCRIBE, "a/b", Optional.empty(), "c").isAllowed())
                .isTrue();
        assertThat(rules.decide(Action.SUBSCRIBE, "#", Optional.empty(), "c").isAllowed())
                .isTrue();
        assertThat(rules.decide(Action.SUBSCRIBE, "$SYS/#", Optional.empty(), "c")
                        .isAllowed())
                .isFalse();
        assertThat(rules.decide(Action.SUBSCRIBE, "$SYS/a", Optional.empty(), "c")
                        .isAllowed())
                .isFalse();
        assertThat(rules.decide(Action.PUBLISH, "$SYS/broker/connection/b/state", Optional.empty(), "c")
                        .isAllowed())
                .isTrue();
    }

    /** Moquette takes 'a/+' for a right to subscribe to 'a/#'. */
    @Test
    void a_rule_for_one_level_gives_no_right_to_subscribe_to_all_below_it() throws Exception {
        AccessRules rules = read("topic read a/+\n");

        assertThat(rules.decide(Action.SUBSCRIBE, "a/+", Optional.empty(), "c").isAllowed())
                .isTrue();
        assertThat(rules.decide(Action.SUBSCRIBE, "a/#", Optional.empty(), "c").isAllowed())
                .isFalse();
    }

    @Test
    void what_stands_behind_a_pattern_counts_for_everybody_as_in_moquette_unless_a_section_begins() throws Exception {
        AccessRules moquette = read("user ann\ntopic a\npattern %c\ntopic b\n");
        AccessRules said = read("user ann\ntopic a\npattern %c\nuser ann\ntopic b\neverybody\ntopic c\n");

        assertThat(moquette.decide(Action.PUBLISH, "b", Optional.of("bob"), "x").isAllowed())
                .isTrue();
        assertThat(said.decide(Action.PUBLISH, "b", Optional.of("bob"), "x").isAllowed())
                .isFalse();
        assertThat(said.decide(Action.PUBLISH, "b", Optional.of("ann"), "x").isAllowed())
                .isTrue();
        assertThat(said.decide(Action.PUBLISH, "c", Optional.of("bob"), "x").isAllowed())
                .isTrue();
    }

    @Test
    void a_file_may_come_from_any_editor_and_comments_may_stand_behind_rules() throws Exception {
        AccessRules rules = read("\uFEFFTOPIC Read a/# # all of a\r\n  # indented\r\ntopic write #\r\n");

        assertThat(rules.decide(Action.SUBSCRIBE, "a/b", Optional.empty(), "c").isAllowed())
                .isTrue();
        assertThat(rules.decide(Action.PUBLISH, "x", Optional.empty(), "c").isAllowed())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    topik a | begins with 'topik'; write topic, pattern, user, roles, role or everybody at its beginning
                    topic reed a | says 'reed' before its topic; it must be read, write, readwrite or deny
                    topic | has the topic ''
                    topic a/#/b | has the topic 'a/#/b'
                    pattern a/%c# | has the topic 'a/%c#'
                    user | names nobody; write the name of a user
                    role | names nobody; write the name of a role
                    roles admin | gives roles to nobody; write it below a line that begins with user
                    """)
    void a_line_that_is_none_is_refused_by_its_number(String line, String sentence) {
        assertThatThrownBy(() -> read("topic a\n" + line + "\n"))
                .isInstanceOf(AccessException.class)
                .hasMessageStartingWith("Line 2 of the ACL file " + dir.resolve("acl") + " " + sentence);
    }

    @Test
    void a_role_that_is_nowhere_is_refused_by_the_line_that_gives_it() {
        assertThatThrownBy(() -> read("user ann\nroles admin boss\n\nrole boss\ntopic a\n"))
                .hasMessage("Line 2 of the ACL file " + dir.resolve("acl")
                        + " names the role 'admin', which the file does not have; it has [boss]");
    }
}
