package io.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.LoggedEvents;
import io.sluice.broker.TestKeys;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.Signature;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class FollowedStoreTest {

    @TempDir
    private Path dir;

    @RegisterExtension
    private final LoggedEvents logged = LoggedEvents.of(FollowedStore.class.getName());

    @Test
    void a_broken_store_is_said_once_for_each_version_of_it_and_leaves_the_former_one_in_use() throws Exception {
        TestKeys keys = oneAndTwo();
        Path file = Files.copy(keys.file("one"), dir.resolve("shown"));
        X509ExtendedKeyManager manager = FollowedStore.keys(TestKeys.store(file), Optional.empty());

        Files.writeString(file, "broken");
        await().untilAsserted(() -> assertThat(warnings(file)).hasSize(1));
        assertThat(shown(manager, chosen(manager))).isEqualTo("CN=one");

        Files.writeString(file, "broken otherwise");
        await().untilAsserted(() -> assertThat(warnings(file)).hasSize(2));

        Files.copy(keys.file("two"), file, StandardCopyOption.REPLACE_EXISTING);
        await().until(() -> shown(manager, chosen(manager)).equals("CN=two"));
        assertThat(warnings(file)).hasSize(2);

        Files.writeString(file, "broken");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
        await().untilAsserted(() ->
                assertThat(warnings(file)).as("the first version again").hasSize(3));
    }

    @Test
    void a_renewed_store_is_said_once_with_the_time_at_which_its_first_certificate_expires() throws Exception {
        TestKeys keys = oneAndTwo();
        Path file = Files.copy(keys.file("one"), dir.resolve("shown"));
        X509ExtendedKeyManager manager = FollowedStore.keys(TestKeys.store(file), Optional.empty());

        Files.move(keys.file("two"), file, StandardCopyOption.ATOMIC_MOVE);
        await().until(() -> shown(manager, chosen(manager)).equals("CN=two"));

        Instant expiry =
                manager.getCertificateChain(chosen(manager))[0].getNotAfter().toInstant();
        await().untilAsserted(() -> assertThat(logged.lines())
                .containsOnlyOnce("The changed store " + file + " is in use; the first of its certificates expires at "
                        + expiry));
    }

    @Test
    void a_key_is_decrypted_once_and_not_in_each_handshake() throws Exception {
        TestKeys keys = new TestKeys(dir);
        keys.make("one");
        Path file = keys.protect("one", 100_000);
        // One that has just changed is read again each second.
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));

        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long begun = threads.getCurrentThreadCpuTime();
        X509ExtendedKeyManager manager = FollowedStore.keys(TestKeys.store(file), Optional.empty());
        long loaded = threads.getCurrentThreadCpuTime();
        for (int i = 1; i <= 20; i++) {
            assertThat(manager.getPrivateKey(i + ".0.one")).isNotNull();
        }

        assertThat(threads.getCurrentThreadCpuTime() - loaded)
                .as("20 keys, in ns")
                .isLessThan(loaded - begun);
    }

    @Test
    void a_handshake_amid_which_the_store_changes_goes_on_with_the_key_that_it_has_chosen() throws Exception {
        TestKeys keys = oneAndTwo();
        // Of each there is one version, which has rested: one that has just changed is read again each second.
        Files.setLastModifiedTime(keys.file("one"), FileTime.from(Instant.now().minusSeconds(120)));
        Files.setLastModifiedTime(keys.file("two"), FileTime.from(Instant.now().minusSeconds(60)));
        Path file = Files.move(keys.file("one"), dir.resolve("shown"));
        X509ExtendedKeyManager manager = FollowedStore.keys(TestKeys.store(file), Optional.empty());

        String chosen = chosen(manager);
        Files.move(keys.file("two"), file, StandardCopyOption.ATOMIC_MOVE);
        await().until(() -> shown(manager, chosen(manager)).equals("CN=two"));

        assertThat(shown(manager, chosen)).isEqualTo("CN=one");
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(manager.getPrivateKey(chosen));
        byte[] signed = signature.sign();
        signature.initVerify(manager.getCertificateChain(chosen)[0]);
        assertThat(signature.verify(signed)).isTrue();
    }

    private TestKeys oneAndTwo() throws Exception {
        TestKeys keys = new TestKeys(dir);
        keys.make("one");
        keys.make("two");
        return keys;
    }

    private static String chosen(X509ExtendedKeyManager manager) {
        return manager.chooseServerAlias("EC", null, null);
    }

    private static String shown(X509ExtendedKeyManager manager, String alias) {
        return manager.getCertificateChain(alias)[0].getSubjectX500Principal().getName();
    }

    @Test
    void a_store_whose_key_is_missing_or_has_another_password_is_said_in_a_sentence() throws Exception {
        TestKeys keys = new TestKeys(dir);
        keys.make("one");
        assertThatThrownBy(() -> FollowedStore.keys(keys.store("one"), Optional.of(new Secret("wrong"))))
                .isInstanceOf(TlsException.class)
                .hasMessageStartingWith("The PKCS12 store " + keys.file("one")
                        + " cannot be used: its key 'one' cannot be decrypted, so the key's password is wrong: ");

        Path certificates = dir.resolve("certificates.p12");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("one", keys.certificate("one"));
        try (OutputStream out = Files.newOutputStream(certificates)) {
            store.store(out, keys.store("one").password().value().toCharArray());
        }
        assertThatThrownBy(() -> FollowedStore.keys(TestKeys.store(certificates), Optional.empty()))
                .hasMessage("The PKCS12 store " + certificates + " cannot be used: it holds no private key");
    }

    /** Stores of other tests may be followed still. */
    private List<LogEvent> warnings(Path file) {
        return logged.events().stream()
                .filter(event -> event.getMessage().getFormattedMessage().contains(file.toString()))
                .filter(event -> event.getLevel().equals(Level.WARN))
                .toList();
    }

    @Test
    void a_store_for_which_there_is_no_memory_is_said_and_not_forgotten() throws Exception {
        TestKeys keys = new TestKeys(dir);
        keys.make("one");
        Path file = dir.resolve("issuers.pem");
        Files.writeString(file, keys.certificatePem("one"));
        X509ExtendedTrustManager manager = FollowedStore.trust(new Store(file, "PEM", new Secret("")));

        try (RandomAccessFile longer = new RandomAccessFile(file.toFile(), "rw")) {
            longer.setLength(3L << 30);
        }
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
        await().untilAsserted(() -> assertThat(warnings(file)).hasSize(1));
        assertThat(manager.getAcceptedIssuers()).hasSize(1);
    }

    @Test
    void a_store_that_could_not_be_read_is_read_later_though_it_has_not_changed() throws Exception {
        TestKeys keys = oneAndTwo();
        FileTime hourAgo = FileTime.from(Instant.now().minusSeconds(3_600));
        Path file = Files.copy(keys.file("one"), dir.resolve("shown"));
        X509ExtendedKeyManager manager = FollowedStore.keys(TestKeys.store(file), Optional.empty());

        // As long and as old as the one that can be read: like a disk that fails for a while.
        Files.write(file, new byte[(int) Files.size(keys.file("two"))]);
        Files.setLastModifiedTime(file, hourAgo);
        await().until(() -> warnings(file).size() == 1);
        Files.copy(keys.file("two"), file, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(file, hourAgo);

        await().until(() -> shown(manager, chosen(manager)).equals("CN=two"));
        assertThat(warnings(file)).hasSize(1);
    }
}
