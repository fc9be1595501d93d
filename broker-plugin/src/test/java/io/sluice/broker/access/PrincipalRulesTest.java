package io.sluice.broker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrincipalRulesTest {

    /** Kafka's documentation of ssl.principal.mapping.rules has these. */
    private static final String KAFKA = "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/,"
            + "RULE:^CN=(.*?),OU=(.*?),O=(.*?),L=(.*?),ST=(.*?),C=(.*?)$/$1@$2/L,"
            + "RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/L,DEFAULT";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    CN=serviceuser,OU=ServiceUsers,O=Unknown,L=Unknown,ST=Unknown,C=Unknown | serviceuser
                    CN=adminUser,OU=Admin,O=Unknown,L=Unknown,ST=Unknown,C=Unknown | adminuser@admin
                    O=x,CN=Duke | duke
                    device-7 | device-7
                    """)
    void rules_as_kafka_documents_them_mean_what_kafka_says(String name, String user) {
        assertThat(PrincipalRules.of(KAFKA).apply(name)).contains(user);
    }

    @Test
    void a_name_that_no_rule_takes_is_nobody() {
        assertThat(PrincipalRules.of("RULE:^dev-(\\d+)$/$1/").apply("device-7")).isEqualTo(Optional.empty());
        assertThat(PrincipalRules.of("RULE:a\\/(.*)/$1/U").apply("a/b")).contains("B");
        assertThat(PrincipalRules.of("RULE:a(?<number>\\d)/${number}/").apply("a1"))
                .contains("1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    CN            | it must be rules such as RULE:^CN=(.*?),.*$/$1/L or DEFAULT
                    RULE:a        | it must be rules such as
                    RULE:a/b/X    | it must be rules such as
                    DEFAULT,RULE  | it must be rules such as
                    RULE:(/b/     | it has the pattern (
                    RULE:a/$1/    | it refers to $1, a group that a does not have
                    RULE:a/$user/ | it has the replacement $user: Illegal group reference
                    RULE:a/${u}/  | it has the replacement ${u}: No group with name {u}
                    RULE:a/x$/    | it has the replacement x$: Illegal group reference
                    """)
    void a_rule_that_is_none_is_refused(String text, String sentence) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PrincipalRules.of(text))
                .withMessageStartingWith(sentence);
    }
}
