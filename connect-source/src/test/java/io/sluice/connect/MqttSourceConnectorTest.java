package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.junit.jupiter.api.Test;

class MqttSourceConnectorTest {

    private static final Map<String, String> VALID = Map.of("name", "mqtt", "buffer.dir", "/data/iot");

    private final MqttSourceConnector connector = new MqttSourceConnector();

    @Test
    void a_worker_finds_the_connector_by_its_service_file() {
        assertThat(ServiceLoader.load(SourceConnector.class).stream().map(ServiceLoader.Provider::type))
                .contains(MqttSourceConnector.class);
    }

    @Test
    void the_version_is_the_builds() {
        assertThat(connector.version()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
        assertThat(new MqttSourceTask().version()).isEqualTo(connector.version());
    }

    @Test
    void there_is_one_task_whatever_the_maximum() {
        connector.start(VALID);

        assertThat(connector.taskConfigs(10)).isEqualTo(List.of(VALID));
        assertThat(connector.taskClass()).isEqualTo(MqttSourceTask.class);
    }

    @Test
    void it_does_not_start_with_a_wrong_configuration() {
        assertThatThrownBy(() -> connector.start(Map.of("name", "mqtt")))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("buffer.dir is not set");
    }

    @Test
    void validation_reports_mistakes_across_keys() {
        assertThat(connector.validate(Map.of("name", "mqtt")).configValues())
                .filteredOn(value -> !value.errorMessages().isEmpty())
                .extracting(ConfigValue::name)
                .containsExactly("buffer.dir");
    }

    @Test
    void exactly_once_is_supported_where_messages_outlive_the_worker() {
        assertThat(connector.exactlyOnceSupport(VALID)).isEqualTo(ExactlyOnceSupport.SUPPORTED);
        assertThat(connector.exactlyOnceSupport(Map.of("buffer.storage", "disk")))
                .isEqualTo(ExactlyOnceSupport.SUPPORTED);
        assertThat(connector.exactlyOnceSupport(Map.of("buffer.storage", "memory")))
                .isEqualTo(ExactlyOnceSupport.UNSUPPORTED);
        assertThat(connector.exactlyOnceSupport(Map.of("buffer.storage", "nonsense")))
                .isEqualTo(ExactlyOnceSupport.UNSUPPORTED);
        assertThat(connector.canDefineTransactionBoundaries(VALID))
                .isEqualTo(ConnectorTransactionBoundaries.UNSUPPORTED);
    }

    @Test
    void offsets_are_checked_and_removing_them_is_always_allowed() {
        Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
        offsets.put(Map.of("buffer", "b1", "lane", 1L), Map.of("position", 7L));
        offsets.put(Map.of("whatever", "x"), null);
        assertThat(connector.alterOffsets(VALID, offsets)).isTrue();

        offsets.put(Map.of("buffer", "b1", "lane", 2L), Map.of("position", 7L, "run", "r"));
        assertThatThrownBy(() -> connector.alterOffsets(VALID, offsets))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("leave it out");
    }
}
