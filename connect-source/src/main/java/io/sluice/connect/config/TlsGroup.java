package io.sluice.connect.config;

import io.sluice.broker.door.Listener;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** TLS of the broker's {@code ssl} and {@code wss} listeners: keys, trust, client certificates. */
final class TlsGroup {

    static final String NAME = "Broker TLS";

    static final StoreKeys KEY_STORE = StoreKeys.keyStore("broker.ssl");
    static final StoreKeys TRUST_STORE = StoreKeys.trustStore("broker.ssl");
    static final String KEY_PASSWORD = "broker.ssl.key.password";
    static final String CLIENT_AUTH = "broker.ssl.client.auth";

    private static final String KEYSTORE_LOCATION_DOC =
            "File of the broker's certificate and private key, required by `ssl` and `wss` listeners. It is read again"
                    + " when it changes, so that a certificate can be renewed without closing a connection.";
    private static final String KEY_PASSWORD_DOC = "Password of the private key, if it is not that of the key store.";
    private static final String TRUSTSTORE_LOCATION_DOC =
            "File of the certificates that issue client certificates. Unset: those the JVM trusts.";
    private static final String CLIENT_AUTH_DOC =
            "Whether devices show a certificate. `required`: those without one that is trusted are not let in."
                    + " `requested`: it is checked if it is shown. `none`: it is not asked for.";

    private static final Choice<ClientAuth> CLIENT_AUTHS = Choice.of(ClientAuth.class, '.');

    private final AbstractConfig values;

    TlsGroup(AbstractConfig values) {
        this.values = values;
    }

    static void update(ConfigDef definition) {
        Keys keys = new Keys(definition, NAME);
        KEY_STORE.define(keys, Importance.HIGH, KEYSTORE_LOCATION_DOC, TlsGroup::isEncrypted);
        keys.define(
                KEY_PASSWORD,
                ConfigDef.Type.PASSWORD,
                null,
                null,
                Importance.LOW,
                KEY_PASSWORD_DOC,
                "Key password",
                Shown.when(TlsGroup::isEncrypted));
        TRUST_STORE.define(keys, Importance.MEDIUM, TRUSTSTORE_LOCATION_DOC, TlsGroup::asksForCertificates);
        keys.define(
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
        return BrokerGroup.hasListener(values, Listener.Transport::isEncrypted);
    }

    private static boolean asksForCertificates(Map<String, Object> values) {
        return isEncrypted(values)
                && values.get(CLIENT_AUTH) instanceof String word
                && !CLIENT_AUTHS.means(word, ClientAuth.NONE);
    }

    static void validate(CheckedValues values) {
        KEY_STORE.validate(values);
        TRUST_STORE.validate(values);
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
        return KEY_STORE
                .store(values)
                .map(keyStore -> new TlsConfig(
                        keyStore, StoreKeys.secret(values, KEY_PASSWORD), TRUST_STORE.store(values), clientAuth()));
    }

    private ClientAuth clientAuth() {
        return CLIENT_AUTHS.constant(values.getString(CLIENT_AUTH));
    }
}
