package io.sluice.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.broker.TestKeys;
import io.sluice.tls.TlsConfig.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemFilesTest {

    /** As {@code openssl pkcs8 -topk8 -passout pass:open} and {@code openssl req -x509} make it; nobody uses it. */
    private static final String ENCRYPTED = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh5QmIalK0nvwICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBBI9kj3jGDA/NamF7VmmRUEgZCe
            8y3jRKtNH8rmsoSF/j7KNrD7Ka2bM9BT/KDzX76FhHibYP+tlN2nOaVnZkjh4pyn
            RiFuHJkvkv/cGtYIu18DMpj98xO9tzZVXSJjeXmpFmXlcwdQt3RLRqHvRGR6A+U/
            a7wJX9LSHqdlzwd6KPP1Pu2dBCjeZxSJc/wylkIXRNInTDl345D9MgpnvASiTqw=
            -----END ENCRYPTED PRIVATE KEY-----
            -----BEGIN CERTIFICATE-----
            MIIBfzCCASWgAwIBAgIUcaay5mnxny/A9BWTdI09+x+R56owCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJZW5jcnlwdGVkMCAXDTI2MTEyODIxMjEzMloYDzIxMjYxMTA0
            MjEyMTMyWjAUMRIwEAYDVQQDDAllbmNyeXB0ZWQwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAAQw7y1merte98VW9JCcZYVcCAvEMJmzp0+rfXXwjBJd3mlBJY3Pz4MB
            ews2MimbAr0lrS9zOEkhbLy3yePP9CKCo1MwUTAdBgNVHQ4EFgQU4C4g2V5jAG80
            KFZqEKVxLgZlxx8wHwYDVR0jBBgwFoAU4C4g2V5jAG80KFZqEKVxLgZlxx8wDwYD
            VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA8I4fhAil+gF+0KjiNgD5
            fSu7G0jRw1DNHx/B4XWV/ekCIHvAnx2aIWbjYU3UT8LXXaBvhTMFPA1G3piXxYrq
            ECNg
            -----END CERTIFICATE-----
            """;

    @TempDir
    static Path keysDir;

    @TempDir
    Path dir;

    private static TestKeys keys;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = new TestKeys(keysDir);
        keys.make("root", "EC", TestKeys.AUTHORITY);
        keys.issue("middle", "root", TestKeys.AUTHORITY);
        keys.issue("leaf", "middle", TestKeys.names("localhost"));
        keys.make("other", "RSA", TestKeys.names("localhost"));
        keys.make("edwards", "Ed25519", TestKeys.names("localhost"));
    }

    private static List<String> subjects(KeyStore store, String alias) throws GeneralSecurityException {
        return Arrays.stream(store.getCertificateChain(alias))
                .map(certificate -> ((X509Certificate) certificate)
                        .getSubjectX500Principal()
                        .getName())
                .toList();
    }

    private KeyStore read(Path path) throws GeneralSecurityException {
        return PemFiles.keyStore(path, Optional.empty());
    }

    @Test
    void a_file_may_hold_key_and_certificates_in_any_order_and_text_between_them() throws Exception {
        Path file = Files.writeString(
                dir.resolve("all.pem"),
                "Bag Attributes\n" + keys.certificatePem("root") + keys.certificatePem("middle") + "subject=CN = leaf\n"
                        + keys.keyPem("leaf").replace("\n", "\r\n") + keys.certificatePem("leaf"));
        KeyStore store = read(file);
        assertThat(store.size()).isEqualTo(1);
        assertThat(store.getKey("key-0", MemoryStore.PASSWORD)).isEqualTo(keys.key("leaf"));
        assertThat(subjects(store, "key-0")).containsExactly("CN=leaf", "CN=middle");
    }

    @Test
    void a_folder_holds_what_a_certificate_authority_leaves_in_several_files() throws Exception {
        Files.writeString(dir.resolve("privkey.pem"), keys.keyPem("leaf"));
        Files.writeString(dir.resolve("cert.pem"), keys.certificatePem("leaf"));
        Files.writeString(dir.resolve("fullchain.pem"), keys.certificatePem("leaf") + keys.certificatePem("middle"));
        Files.writeString(dir.resolve("README"), "This directory contains your keys and certificates.");
        Files.createDirectory(dir.resolve("..2026_11_28"));
        KeyStore store = read(dir);
        assertThat(store.size()).isEqualTo(1);
        assertThat(subjects(store, "key-0")).containsExactly("CN=leaf", "CN=middle");
    }

    @Test
    void each_of_several_keys_finds_its_certificate() throws Exception {
        for (String name : List.of("leaf", "other", "edwards")) {
            Files.writeString(dir.resolve(name + ".key"), keys.keyPem(name));
            Files.writeString(dir.resolve("0-" + name + ".crt"), keys.certificatePem(name));
        }
        KeyStore store = read(dir);
        assertThat(store.size()).isEqualTo(3);
        for (int i = 0; i < 3; i++) {
            PrivateKey key = (PrivateKey) store.getKey("key-" + i, MemoryStore.PASSWORD);
            Certificate certificate = store.getCertificate("key-" + i);
            assertThat(List.of(keys.certificate("leaf"), keys.certificate("other"), keys.certificate("edwards")))
                    .contains((X509Certificate) certificate);
            assertThat(key.getAlgorithm()).isEqualTo(certificate.getPublicKey().getAlgorithm());
        }
    }

    @Test
    void a_private_key_may_be_encrypted() throws Exception {
        Path file = Files.writeString(dir.resolve("encrypted.pem"), ENCRYPTED);
        KeyStore store = PemFiles.keyStore(file, Optional.of(new Secret("open")));
        assertThat(store.getKey("key-0", MemoryStore.PASSWORD).getAlgorithm()).isEqualTo("EC");
        assertThat(subjects(store, "key-0")).containsExactly("CN=encrypted");

        assertThatThrownBy(() -> PemFiles.keyStore(file, Optional.of(new Secret("wrong"))))
                .hasMessageContaining("the key's password is wrong");
        assertThatThrownBy(() -> read(file)).hasMessageContaining("is encrypted: set the key's password");
    }

    @Test
    void what_cannot_be_used_is_said_in_a_sentence() throws Exception {
        Path file = dir.resolve("x.pem");
        Files.writeString(file, keys.certificatePem("leaf"));
        assertThatThrownBy(() -> read(file)).hasMessageContaining("it holds no private key");
        Files.writeString(file, keys.keyPem("leaf") + keys.certificatePem("other"));
        assertThatThrownBy(() -> read(file)).hasMessageContaining("no certificate that belongs to it");
        Files.writeString(file, "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n");
        assertThatThrownBy(() -> read(file)).hasMessageContaining("openssl pkcs8 -topk8");
        Files.writeString(file, "-----BEGIN PRIVATE KEY-----\n%%\n-----END PRIVATE KEY-----\n");
        assertThatThrownBy(() -> read(file)).isInstanceOf(GeneralSecurityException.class);
        Files.write(file, "nothing".getBytes(US_ASCII));
        assertThatThrownBy(() -> PemFiles.trustStore(file)).hasMessageContaining("it holds no certificate");
        assertThatThrownBy(() -> read(dir.resolve("nowhere"))).hasMessageContaining("nowhere");
    }

    @Test
    void all_certificates_of_a_file_are_trusted_and_keys_in_it_do_not_matter() throws Exception {
        Path file = Files.writeString(
                dir.resolve("ca.pem"),
                keys.certificatePem("root") + keys.certificatePem("other") + "-----BEGIN RSA PRIVATE KEY-----\n");
        KeyStore store = PemFiles.trustStore(file);
        assertThat(store.size()).isEqualTo(2);
        assertThat(store.isCertificateEntry("certificate-1")).isTrue();
    }
}
