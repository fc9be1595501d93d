package io.sluice.tools.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BundleTest {

    @Test
    void each_connector_has_a_folder_of_its_own_in_the_bundle() {
        List<String> names = List.of("line 1", "line_1", "line/1", "line%201", "line\\1", "..", ".", "__", "\u00fc");

        assertThat(names.stream().map(Bundle::fileName))
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("[a-zA-Z0-9_%-][a-zA-Z0-9._%-]*"));
        assertThat(Bundle.fileName("line-1.b_c")).isEqualTo("line-1.b_c");
    }
}
