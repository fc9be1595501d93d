package io.sluice.broker.config;

import io.sluice.broker.config.Key.Importance;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The three keys of a key store or a trust store, named as Kafka names them.
 *
 * @param location its file
 * @param password its password
 * @param format its format
 */
public record StoreKeys(Key<Path> location, Key<Secret> password, Key<Format> format) {

    public enum Format {
        PKCS12,
        JKS,
        PEM
    }

    private static final String PEM_KEYS =
            "private keys in PKCS#8 (`BEGIN PRIVATE KEY`) and certificates, in any order";
    private static final String PEM_CERTIFICATES = "certificates (`BEGIN CERTIFICATE`), in any order";

    /**
     * The keys of a key store.
     *
     * @param prefix such as {@code broker.ssl}
     * @param documentation what the file is for
     */
    public static StoreKeys keyStore(String prefix, String group, Importance importance, String documentation) {
        return of(prefix + ".keystore", group, importance, documentation, "Key store", PEM_KEYS);
    }

    /**
     * The keys of a trust store.
     *
     * @param prefix such as {@code broker.ssl}
     * @param documentation what the file is for
     */
    public static StoreKeys trustStore(String prefix, String group, Importance importance, String documentation) {
        return of(
                prefix + ".truststore",
                group,
                importance,
                documentation + " It is read again when it changes.",
                "Trust store",
                PEM_CERTIFICATES);
    }

    /**
     * The key of a private key's password.
     *
     * @param prefix such as {@code broker.ssl}
     */
    public static Key<Secret> keyPassword(String prefix, String group) {
        return new Key<>(
                prefix + ".key.password",
                group,
                "Key password",
                Importance.LOW,
                new KeyType.Password(),
                Optional.empty(),
                "Password of the private key, if it is not that of the key store.");
    }

    private static StoreKeys of(
            String prefix, String group, Importance importance, String documentation, String title, String pem) {
        String words = "the " + Character.toLowerCase(title.charAt(0)) + title.substring(1) + ".";
        return new StoreKeys(
                new Key<>(
                        prefix + ".location",
                        group,
                        title,
                        importance,
                        KeyType.Location.STORE,
                        Optional.empty(),
                        documentation + " With the format PEM it may be a folder; then all its files are read."),
                new Key<>(
                        prefix + ".password",
                        group,
                        title + " password",
                        importance,
                        new KeyType.Password(),
                        Optional.empty(),
                        "Password of " + words + " PEM files have none."),
                new Key<>(
                        prefix + ".type",
                        group,
                        title + " format",
                        Importance.LOW,
                        new KeyType.Choice<>(Format.class),
                        Optional.of(Format.PKCS12),
                        "Format of " + words + " `pem`: " + pem + "."));
    }

    /** The keys, in the order in which they are shown. */
    public List<Key<?>> all() {
        return List.of(location, password, format);
    }

    /** What is wrong with them: a store that is not of PEM files is readable with its password only. */
    public Optional<Mistake> check(KeyValues settings) {
        return settings.given(location)
                .filter(file -> settings.isAbsent(password) && !isPem(settings))
                .map(file -> settings.mistake(
                        password,
                        " is not set: the file " + file + " of " + settings.name(location) + " needs its password."));
    }

    public Optional<Store> store(KeyValues settings) {
        return settings.given(location)
                .map(file -> new Store(
                        file,
                        settings.value(format).name(),
                        isPem(settings)
                                ? new Secret("")
                                : settings.given(password).orElseThrow()));
    }

    private boolean isPem(KeyValues settings) {
        return settings.given(format).filter(Format.PEM::equals).isPresent();
    }
}
