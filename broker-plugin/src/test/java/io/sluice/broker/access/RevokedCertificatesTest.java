package io.sluice.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.TestKeys;
import io.sluice.tls.CertificateCheck;
import io.sluice.tls.Revocation;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevokedCertificatesTest {

    @TempDir
    private Path dir;

    @Test
    void a_list_that_could_not_be_read_is_read_later_though_it_has_not_changed() throws Exception {
        TestKeys keys = new TestKeys(dir);
        keys.make("issuer", "EC", TestKeys.AUTHORITY);
        keys.issue("device", "issuer", TestKeys.names("device"));
        X509Certificate device = keys.certificate("device");
        Path list = Files.write(dir.resolve("list"), keys.revocationList("issuer", BigInteger.ONE));
        byte[] ofDevice = keys.revocationList("issuer", device.getSerialNumber());
        RevokedCertificates revoked = new RevokedCertificates(
                new CertificateCheck(keys.store("issuer"), new Revocation(Optional.of(list), Revocation.Ocsp.NONE)));
        FileTime hourAgo = FileTime.from(Instant.now().minusSeconds(3_600));

        // As long and as old as the one that can be read: like a disk that fails for a while.
        Files.write(list, new byte[ofDevice.length]);
        Files.setLastModifiedTime(list, hourAgo);
        assertThat(revoked.look()).isFalse();
        Files.write(list, ofDevice);
        Files.setLastModifiedTime(list, hourAgo);

        assertThat(revoked.look()).isTrue();
        assertThat(revoked.listed(device)).contains("its certificate, of CN=device, was revoked");
        assertThat(revoked.look()).isFalse();
    }
}
