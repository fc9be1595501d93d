package io.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DifferenceTest {

    @Test
    void what_is_added_changed_and_removed_is_told_in_the_order_of_the_keys() {
        assertThat(Difference.between(
                        Map.of("same", "1", "gone", "2", "other", "3"),
                        Map.of("same", "1", "other", "4", "added", "5")))
                .extracting(Difference::toString)
                .containsExactly("+ added: 5", "- gone: 2", "~ other: 3 -> 4");
    }

    @Test
    void a_secret_that_changes_is_told_and_not_shown() {
        assertThat(Difference.between(Map.of("db.password", "old"), Map.of("db.password", "new")))
                .extracting(Difference::toString)
                .containsExactly("~ db.password: ******** -> ********");
    }

    @ParameterizedTest
    @CsvSource({
        "buffer.auth.token, s3cret, ********",
        "broker.ssl.keystore.password, s3cret, ********",
        "producer.override.sasl.jaas.config, s3cret, ********",
        "producer.override.ssl.keystore.key, s3cret, ********",
        "broker.password.file, /etc/passwords, /etc/passwords",
        "kafka.key, {clientId}, {clientId}",
        "buffer.auth.token, ${file:/etc/sluice:token}, ${file:/etc/sluice:token}"
    })
    void secrets_are_masked_and_where_they_are_is_not(String key, String value, String shown) {
        assertThat(Secrets.shown(key, value)).isEqualTo(shown);
    }
}
