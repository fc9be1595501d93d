package io.sluice.connect.config;

import io.sluice.broker.Listener;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.types.Password;

/** TLS of the broker's {@code ssl} and {@code wss} listeners: keys, trust, client certificates. */
final class TlsGroup {

    static final String NAME = "Broker TLS";

    static final String KEYSTORE_LOCATION = "broker.ssl.keystore.location";
    static final String KEYSTORE_PASSWORD = "broker.ssl.keystore.password";
    static final String KEYSTORE_TYPE = "broker.ssl.keystore.type";
    static final String KEY_PASSWORD = "broker.ssl.key.password";
    static final String TRUSTSTORE_LOCATION = "broker.ssl.truststore.location";
    static final String TRUSTSTORE_PASSWORD = "broker.ssl.truststore.password";
    static final String TRUSTSTORE_TYPE = "broker.ssl.truststore.type";
    static final String CLIENT_AUTH = "broker.ssl.client.auth";

    private static final String KEYSTORE_LOCATION_DOC =
            "File of the broker's certificate and private key, required by `ssl` and `wss` listeners. It is read again"
                    + " when it changes, so that a certificate can be renewed without closing a connection.";
    private static final String KEYSTORE_PASSWORD_DOC = "Password of the key store.";
    private static final String KEYSTORE_TYPE_DOC = "Format of the key store.";
    private static final String KEY_PASSWORD_DOC = "Password of the private key, if it is not that of the key store.";
    private static final String TRUSTSTORE_LOCATION_DOC =
            "File of the certificates that issue client certificates. Unset: those the JVM trusts.";
    private static final String TRUSTSTORE_PASSWORD_DOC = "Password of the trust store.";
    private static final String TRUSTSTORE_TYPE_DOC = "Format of the trust store.";
    private static final String CLIENT_AUTH_DOC =
            "Whether devices show a certificate. `required`: those without one that is trusted are not let in."
                    + " `requested`: it is checked if it is shown. `none`: it is not asked for.";

    /** The formats of stores. */
    private enum StoreType {
        PKCS12,
        JKS
    }

    private static final Choice<StoreType> STORE_TYPES = Choice.of(StoreType.class, '.');
    private static final Choice<ClientAuth> CLIENT_AUTHS = Choice.of(ClientAuth.class, '.');

    private final AbstractConfig values;

    TlsGroup(AbstractConfig values) {
        this.values = values;
    }

    static void update(ConfigDef definition) {
        new Keys(definition, NAME)
                .define(
                        KEYSTORE_LOCATION,
                        ConfigDef.Type.STRING,
                        null,
                        Syntax.FILE,
                        Importance.HIGH,
                        KEYSTORE_LOCATION_DOC,
                        "Key store",
                        Shown.when(TlsGroup::isEncrypted))
                .define(
                        KEYSTORE_PASSWORD,
                        ConfigDef.Type.PASSWORD,
                        null,
                        null,
                        Importance.HIGH,
                        KEYSTORE_PASSWORD_DOC,
                        "Key store password",
                        Shown.when(TlsGroup::isEncrypted))
                .define(
                        KEYSTORE_TYPE,
                        ConfigDef.Type.STRING,
                        STORE_TYPES.word(StoreType.PKCS12),
                        STORE_TYPES,
                        Importance.LOW,
                        KEYSTORE_TYPE_DOC,
                        "Key store format",
                        Shown.when(TlsGroup::isEncrypted, STORE_TYPES))
                .define(
                        KEY_PASSWORD,
                        ConfigDef.Type.PASSWORD,
                        null,
                        null,
                        Importance.LOW,
                        KEY_PASSWORD_DOC,
                        "Key password",
                        Shown.when(TlsGroup::isEncrypted))
                .define(
                        TRUSTSTORE_LOCATION,
                        ConfigDef.Type.STRING,
                        null,
                        Syntax.FILE,
                        Importance.MEDIUM,
                        TRUSTSTORE_LOCATION_DOC,
                        "Trust store",
                        Shown.when(TlsGroup::asksForCertificates))
                .define(
                        TRUSTSTORE_PASSWORD,
                        ConfigDef.Type.PASSWORD,
                        null,
                        null,
                        Importance.MEDIUM,
                        TRUSTSTORE_PASSWORD_DOC,
                        "Trust store password",
                        Shown.when(TlsGroup::asksForCertificates))
                .define(
                        TRUSTSTORE_TYPE,
                        ConfigDef.Type.STRING,
                        STORE_TYPES.word(StoreType.PKCS12),
                        STORE_TYPES,
                        Importance.LOW,
                        TRUSTSTORE_TYPE_DOC,
                        "Trust store format",
                        Shown.when(TlsGroup::asksForCertificates, STORE_TYPES))
                .define(
                        CLIENT_AUTH,
                        ConfigDef.Type.STRING,
                        CLIENT_AUTHS.word(ClientAuth.NONE),
                        CLIENT_AUTHS,
                        Importance.MEDIUM,
                        CLIENT_AUTH_DOC,
                        "Client certificates",
                        Shown.when(TlsGroup::isEncrypted, CLIENT_AUTHS));
    }

    private static boolean isEncrypted(Map<String, Object> values) {
        return values.get(BrokerGroup.LISTENERS) instanceof List<?> listeners
                && Arrays.stream(Listener.Transport.values())
                        .filter(Listener.Transport::isEncrypted)
                        .anyMatch(encrypted -> listeners.stream()
                                .anyMatch(uri -> uri.toString().startsWith(encrypted + ":")));
    }

    private static boolean asksForCertificates(Map<String, Object> values) {
        return isEncrypted(values)
                && values.get(CLIENT_AUTH) instanceof String word
                && !CLIENT_AUTHS.means(word, ClientAuth.NONE);
    }

    static void validate(CheckedValues values) {
        requireTogether(values, KEYSTORE_LOCATION, KEYSTORE_PASSWORD);
        requireTogether(values, TRUSTSTORE_LOCATION, TRUSTSTORE_PASSWORD);
    }

    private static void requireTogether(CheckedValues values, String location, String password) {
        if (values.text(location).isPresent() && values.isAbsent(password)) {
            values.refuse(
                    password,
                    password + " is not set: the file " + values.text(location).get() + " of " + location
                            + " needs its password.");
        }
    }

    /** Whether only devices with a trusted certificate are let in at listeners that speak TLS. */
    static boolean requiresCertificates(CheckedValues values) {
        return values.text(CLIENT_AUTH)
                .filter(word -> CLIENT_AUTHS.means(word, ClientAuth.REQUIRED))
                .isPresent();
    }

    boolean requiresCertificates() {
        return clientAuth() == ClientAuth.REQUIRED;
    }

    Optional<TlsConfig> tls() {
        return store(KEYSTORE_LOCATION, KEYSTORE_TYPE, KEYSTORE_PASSWORD)
                .map(keyStore -> new TlsConfig(
                        keyStore,
                        secret(KEY_PASSWORD),
                        store(TRUSTSTORE_LOCATION, TRUSTSTORE_TYPE, TRUSTSTORE_PASSWORD),
                        clientAuth()));
    }

    private ClientAuth clientAuth() {
        return CLIENT_AUTHS.constant(values.getString(CLIENT_AUTH));
    }

    private Optional<Store> store(String location, String type, String password) {
        return Optional.ofNullable(values.getString(location))
                .map(file -> new Store(
                        Path.of(file),
                        STORE_TYPES.constant(values.getString(type)).name(),
                        secret(password).orElseThrow()));
    }

    private Optional<Secret> secret(String key) {
        return Optional.ofNullable(values.getPassword(key)).map(Password::value).map(Secret::new);
    }
}
