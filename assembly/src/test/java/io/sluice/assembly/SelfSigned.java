package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Key stores (PKCS12) with a key and a certificate for 127.0.0.1 that signs itself. */
final class SelfSigned {

    private SelfSigned() {}

    /** Makes one. */
    static Path keyStore(Path file, String password) throws IOException, InterruptedException {
        return keyPair(file, password, "key", "-dname", "CN=" + file.getFileName(), "-ext", "san=ip:127.0.0.1");
    }

    /** Adds a key and its certificate, with the JDK's own tool: there is no public API that makes a certificate. */
    static Path keyPair(Path file, String password, String alias, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                file.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                password,
                "-alias",
                alias,
                "-keyalg",
                "EC",
                "-validity",
                "365"));
        command.addAll(List.of(options));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        assertThat(keytool.waitFor()).as(output).isZero();
        return file;
    }
}
