package io.sluice.tls;

import io.sluice.file.FileLooks;
import io.sluice.file.FollowedFile;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A manager of keys or of trust that follows its file: it is made again when the file has changed, on a thread of
 * {@link FileLooks}. Meanwhile handshakes go on with the one before, since they run on threads that serve many connections.
 * Thread-safe, as are the managers it hands out.
 *
 * @param <T> what kind of manager
 */
public final class FollowedStore<T> {

    private static final Logger LOG = LoggerFactory.getLogger(FollowedStore.class);

    private static final String PEM = "PEM";

    private final Store store;
    private final Maker<T> maker;
    private final List<FollowedFile> files;
    private volatile T current;

    /** What {@code current} was before; at first the same. */
    private volatile T former;

    private Object versionInUse;
    private Complaint said = new Complaint(List.of(), "");
    private boolean hasFailed;

    /** What is wrong, and with which version of the files. */
    private record Complaint(List<Object> versions, String text) {}

    /** A manager, and when the first of its certificates expires. */
    private record Loaded<T>(T manager, Optional<Instant> firstExpiry) {}

    /** @param besides another file or folder that the manager is made of */
    private FollowedStore(Store store, Optional<Path> besides, Maker<T> maker) {
        this.store = store;
        this.maker = maker;
        this.files = Stream.concat(Stream.of(store.file()), besides.stream())
                .map(FollowedFile::new)
                .toList();
        mayHaveChanged();
        try {
            this.current = maker.make(store).manager();
            this.former = current;
            this.versionInUse = files.get(0).version();
        } catch (GeneralSecurityException e) {
            throw new TlsException(
                    "The " + store.type() + " store " + store.file() + " cannot be used: " + e.getMessage(), e);
        }
        FileLooks.begin(this, FollowedStore::look);
    }

    /**
     * The keys in a store, as they are now. Of several of one algorithm, a client gets the one whose
     * certificate has the name that it asks for.
     *
     * @param keyPassword password of the private key, if it is another than the store's
     * @throws TlsException if the file cannot be read or a password is wrong
     */
    public static X509ExtendedKeyManager keys(Store store, Optional<Secret> keyPassword) {
        AtomicLong made = new AtomicLong();
        return new RenewedKeys(new FollowedStore<>(
                store, Optional.empty(), file -> keyManager(file, keyPassword, made.incrementAndGet())));
    }

    /**
     * The issuers in a store, as they are now.
     *
     * @throws TlsException if the file cannot be read or its password is wrong
     */
    public static X509ExtendedTrustManager trust(Store store) {
        return trust(store, Revocation.NONE);
    }

    /**
     * The issuers in a store, as they are now, without the certificates that they have revoked. The check may take
     * long, so it is not for a handshake.
     *
     * @throws TlsException if a file cannot be read or a password is wrong
     */
    public static X509ExtendedTrustManager trust(Store store, Revocation revocation) {
        return new RenewedTrust(new FollowedStore<>(store, revocation.lists(), file -> trustManager(file, revocation)));
    }

    private static Loaded<Keys> keyManager(Store store, Optional<Secret> keyPassword, long number)
            throws GeneralSecurityException {
        KeyStore keys = store.type().equals(PEM)
                ? PemFiles.keyStore(store.file(), keyPassword)
                : MemoryStore.keysOf(
                        load(store),
                        keyPassword.orElse(store.password()).value().toCharArray());
        KeyManagerFactory factory = keyManagerFactory();
        factory.init(keys, MemoryStore.PASSWORD);
        X509ExtendedKeyManager manager = first(factory.getKeyManagers(), X509ExtendedKeyManager.class);
        return new Loaded<>(new Keys(number + Keys.SEPARATOR, manager), firstExpiry(keys));
    }

    /** One that chooses among several certificates by the name that a client asks for, which the JVM's default does not. */
    private static KeyManagerFactory keyManagerFactory() throws NoSuchAlgorithmException {
        try {
            return KeyManagerFactory.getInstance("NewSunX509");
        } catch (NoSuchAlgorithmException e) {
            return KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        }
    }

    private static Loaded<X509ExtendedTrustManager> trustManager(Store store, Revocation revocation)
            throws GeneralSecurityException {
        KeyStore issuers = store.type().equals(PEM) ? PemFiles.trustStore(store.file()) : load(store);
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(issuers);
        X509ExtendedTrustManager trusting = first(factory.getTrustManagers(), X509ExtendedTrustManager.class);
        if (!revocation.isChecked()) {
            return new Loaded<>(trusting, firstExpiry(issuers));
        }
        factory.init(new CertPathTrustManagerParameters(revocation.parameters(trusting.getAcceptedIssuers())));
        return new Loaded<>(first(factory.getTrustManagers(), X509ExtendedTrustManager.class), firstExpiry(issuers));
    }

    private static <T> T first(Object[] managers, Class<T> type) {
        return Arrays.stream(managers)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }

    private static KeyStore load(Store store) throws GeneralSecurityException {
        KeyStore keyStore = KeyStore.getInstance(store.type());
        try (InputStream in = Files.newInputStream(store.file())) {
            keyStore.load(in, store.password().value().toCharArray());
        } catch (IOException e) {
            throw new CertificateException(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        }
        return keyStore;
    }

    private interface Maker<T> {
        Loaded<T> make(Store store) throws GeneralSecurityException;
    }

    /** Waits for nobody. */
    T current() {
        return current;
    }

    private synchronized void look() {
        // What could not be read perhaps can be now, unchanged.
        if (!mayHaveChanged() && !hasFailed) {
            return;
        }
        try {
            Loaded<T> loaded = maker.make(store);
            former = current;
            current = loaded.manager();
            hasFailed = false;
            said = new Complaint(List.of(), "");
            sayInUse(loaded.firstExpiry());
        } catch (GeneralSecurityException | RuntimeException | Error e) {
            hasFailed = true;
            sayOnce(new Complaint(files.stream().map(FollowedFile::version).toList(), e.toString()), e);
        }
    }

    private void sayInUse(Optional<Instant> firstExpiry) {
        Object version = files.get(0).version();
        if (!version.equals(versionInUse)) {
            versionInUse = version;
            LOG.info(
                    "The changed store {} is in use; the first of its certificates expires at {}",
                    store.file(),
                    firstExpiry.map(Instant::toString).orElse("no time"));
        }
    }

    private static Optional<Instant> firstExpiry(KeyStore content) throws KeyStoreException {
        Optional<Instant> first = Optional.empty();
        for (String alias : Collections.list(content.aliases())) {
            if (content.getCertificate(alias) instanceof X509Certificate certificate) {
                Instant expiry = certificate.getNotAfter().toInstant();
                first = first.filter(expiry::isAfter).or(() -> Optional.of(expiry));
            }
        }
        return first;
    }

    /** A file that has just changed is read at each look until it has rested. */
    private void sayOnce(Complaint complaint, Throwable cause) {
        if (!complaint.equals(said)) {
            LOG.warn("The changed store {} cannot be used; its previous content stays in use", store.file(), cause);
            said = complaint;
        }
    }

    private boolean mayHaveChanged() {
        boolean anyHas = false;
        for (FollowedFile file : files) {
            anyHas |= mayHaveChanged(file);
        }
        return anyHas;
    }

    /** A file that is not there is perhaps about to be replaced. */
    private static boolean mayHaveChanged(FollowedFile file) {
        try {
            return file.mayHaveChanged();
        } catch (IOException e) {
            return false;
        }
    }

    /** The keys that a file has had at one time; the prefix of their aliases says at which. */
    private record Keys(String prefix, X509ExtendedKeyManager manager) {

        private static final String SEPARATOR = ":";

        @Nullable
        String alias(@Nullable String own) {
            return own == null ? null : prefix + own;
        }

        String @Nullable [] aliases(String @Nullable [] own) {
            return own == null ? null : Arrays.stream(own).map(prefix::concat).toArray(String[]::new);
        }

        boolean has(String alias) {
            return alias.startsWith(prefix);
        }

        static String own(String alias) {
            return alias.substring(alias.indexOf(SEPARATOR) + 1);
        }
    }

    /** A handshake chooses an alias, and then asks for its key and its certificates: all of one content of the file. */
    private static final class RenewedKeys extends X509ExtendedKeyManager {

        private final FollowedStore<Keys> keys;

        RenewedKeys(FollowedStore<Keys> keys) {
            this.keys = keys;
        }

        private X509ExtendedKeyManager thatGave(String alias) {
            Keys now = keys.current();
            return (now.has(alias) ? now : keys.former).manager();
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
            Keys now = keys.current();
            return now.alias(now.manager().chooseEngineServerAlias(keyType, issuers, engine));
        }

        @Override
        public @Nullable String chooseEngineClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
            Keys now = keys.current();
            return now.alias(now.manager().chooseEngineClientAlias(keyTypes, issuers, engine));
        }

        @Override
        public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
            Keys now = keys.current();
            return now.alias(now.manager().chooseServerAlias(keyType, issuers, socket));
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            Keys now = keys.current();
            return now.aliases(now.manager().getServerAliases(keyType, issuers));
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
            return thatGave(alias).getCertificateChain(Keys.own(alias));
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            return thatGave(alias).getPrivateKey(Keys.own(alias));
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            Keys now = keys.current();
            return now.aliases(now.manager().getClientAliases(keyType, issuers));
        }

        @Override
        public @Nullable String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
            Keys now = keys.current();
            return now.alias(now.manager().chooseClientAlias(keyTypes, issuers, socket));
        }
    }

    private static final class RenewedTrust extends X509ExtendedTrustManager {

        private final FollowedStore<X509ExtendedTrustManager> trust;

        RenewedTrust(FollowedStore<X509ExtendedTrustManager> trust) {
            this.trust = trust;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            trust.current().checkClientTrusted(chain, authType, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            trust.current().checkClientTrusted(chain, authType, socket);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            trust.current().checkClientTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            trust.current().checkServerTrusted(chain, authType, engine);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            trust.current().checkServerTrusted(chain, authType, socket);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            trust.current().checkServerTrusted(chain, authType);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return trust.current().getAcceptedIssuers();
        }
    }
}
