package io.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellTest {

    @ParameterizedTest
    @ValueSource(strings = {"line-1_a.b", "/etc/sluice/passwords", "Köln"})
    void a_plain_word_stays_as_it_is(String word) {
        assertThat(Shell.quoted(word)).isEqualTo(word);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "it's", "$(id)`id`", "a;b&c|d", "~", "*", "a\\b\"", "a\nb", "line-1"})
    void a_shell_takes_it_for_one_word(String word) throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", "printf '<%s>' " + Shell.quoted(word)).start();

        assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("<" + word + ">");
    }
}
