package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BrokerArchiveIT {

    private static final String ROOT = Archives.BROKER_ROOT + "/";

    @Test
    void it_has_one_root_folder_with_all_that_a_broker_needs() throws Exception {
        Set<String> names = Archives.brokerTarGz().keySet();

        assertThat(names)
                .allMatch(name -> name.startsWith(ROOT))
                .contains(
                        ROOT + "bin/sluice-broker",
                        ROOT + "bin/sluice-broker.bat",
                        ROOT + "config/sluice-broker.conf",
                        ROOT + "config/log4j2.xml",
                        ROOT + "doc/LICENSE",
                        ROOT + "doc/README.md",
                        ROOT + "doc/fleet.md",
                        ROOT + "doc/troubleshooting.md",
                        ROOT + "doc/licenses/MPL-2.0.txt",
                        ROOT + "etc/Dockerfile",
                        ROOT + "etc/monitoring/sluice-dashboard.json",
                        ROOT + "etc/monitoring/sluice-jmx.yaml",
                        ROOT + "etc/sluice-broker.service",
                        ROOT + "lib/sluice-broker-plugin-" + Archives.VERSION + ".jar");
    }

    /** A wrong configuration, which ends with exit code 2, is not right the next time. */
    @Test
    void systemd_does_not_start_it_again_after_a_wrong_configuration() throws Exception {
        assertThat(new String(Archives.brokerTarGz().get(ROOT + "etc/sluice-broker.service"), UTF_8))
                .contains("RestartPreventExitStatus=2");
    }

    @Test
    void the_image_names_its_user_so_that_kubernetes_sees_that_it_is_not_root() throws Exception {
        assertThat(new String(Archives.brokerTarGz().get(ROOT + "etc/Dockerfile"), UTF_8))
                .containsPattern("(?m)^USER [1-9][0-9]*$");
    }

    /** The broker takes a folder that is there as it is. */
    @Test
    void systemd_and_the_image_make_a_folder_for_the_buffer_that_nobody_else_may_look_into() throws Exception {
        Map<String, byte[]> files = Archives.brokerTarGz();

        assertThat(new String(files.get(ROOT + "etc/sluice-broker.service"), UTF_8))
                .contains("StateDirectoryMode=0700");
        assertThat(new String(files.get(ROOT + "etc/Dockerfile"), UTF_8)).contains("install -d -m 0700 ");
    }

    @Test
    void every_library_in_it_is_listed_with_its_licence() throws Exception {
        Map<String, byte[]> files = Archives.brokerTarGz();
        assertThat(Archives.listedLibraries(files, ROOT)).isEqualTo(Archives.libraries(files, ROOT));
    }

    @Test
    void the_checksum_beside_it_is_as_sha512sum_writes_it() throws Exception {
        Archives.assertChecksum(Archives.BROKER_TAR_GZ);
    }
}
