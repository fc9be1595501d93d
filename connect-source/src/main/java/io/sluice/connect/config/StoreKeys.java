package io.sluice.connect.config;

import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.types.Password;

/**
 * The three keys of a key store or a trust store, named as Kafka names them.
 *
 * @param location key of its file
 * @param password key of its password
 * @param type key of its format
 * @param words what it is called, such as {@code key store}
 */
record StoreKeys(String location, String password, String type, String words) {

    /** The formats of stores. */
    private enum Format {
        PKCS12,
        JKS
    }

    private static final Choice<Format> FORMATS = Choice.of(Format.class, '.');

    /** The keys of a key store below a prefix such as {@code broker.ssl}. */
    static StoreKeys keyStore(String prefix) {
        return of(prefix + ".keystore", "key store");
    }

    /** The keys of a trust store below a prefix such as {@code broker.ssl}. */
    static StoreKeys trustStore(String prefix) {
        return of(prefix + ".truststore", "trust store");
    }

    private static StoreKeys of(String prefix, String words) {
        return new StoreKeys(prefix + ".location", prefix + ".password", prefix + ".type", words);
    }

    /** Defines the keys, which are shown in configurations of a kind. */
    void define(Keys keys, Importance importance, String locationDoc, Predicate<Map<String, Object>> shown) {
        String title = Character.toUpperCase(words.charAt(0)) + words.substring(1);
        keys.define(
                        location,
                        ConfigDef.Type.STRING,
                        null,
                        Syntax.FILE,
                        importance,
                        locationDoc,
                        title,
                        Shown.when(shown))
                .define(
                        password,
                        ConfigDef.Type.PASSWORD,
                        null,
                        null,
                        importance,
                        "Password of the " + words + ".",
                        title + " password",
                        Shown.when(shown))
                .define(
                        type,
                        ConfigDef.Type.STRING,
                        FORMATS.word(Format.PKCS12),
                        FORMATS,
                        Importance.LOW,
                        "Format of the " + words + ".",
                        title + " format",
                        Shown.when(shown, FORMATS));
    }

    /** A store is readable with its password only. */
    void validate(CheckedValues values) {
        if (values.text(location).isPresent() && values.isAbsent(password)) {
            values.refuse(
                    password,
                    password + " is not set: the file " + values.text(location).get() + " of " + location
                            + " needs its password.");
        }
    }

    /** The store, if there is one. */
    Optional<Store> store(AbstractConfig values) {
        return Optional.ofNullable(values.getString(location))
                .map(file -> new Store(
                        Path.of(file),
                        FORMATS.constant(values.getString(type)).name(),
                        secret(values, password).orElseThrow()));
    }

    /** The value of a key for a password. */
    static Optional<Secret> secret(AbstractConfig values, String key) {
        return Optional.ofNullable(values.getPassword(key)).map(Password::value).map(Secret::new);
    }
}
