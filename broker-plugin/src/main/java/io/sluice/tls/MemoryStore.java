package io.sluice.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.util.Collections;

/**
 * Stores that are never written. The JVM takes the private key out of its store in each handshake. Out of a PKCS #12 store it
 * decrypts it with a key that ten thousand rounds derive from the password, which takes longer than all else in a handshake;
 * a JKS store, in memory, gives it at once.
 */
final class MemoryStore {

    /** Of the keys in a store. */
    static final char[] PASSWORD = {};

    private MemoryStore() {}

    static KeyStore empty() throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("JKS");
            store.load(null, null);
            return store;
        } catch (IOException e) {
            throw new KeyStoreException(e);
        }
    }

    /**
     * The private keys of a store, each with its certificates.
     *
     * @param password of the keys
     * @throws KeyStoreException if there is none
     */
    static KeyStore keysOf(KeyStore file, char[] password) throws GeneralSecurityException {
        KeyStore store = empty();
        for (String alias : Collections.list(file.aliases())) {
            if (file.isKeyEntry(alias) && key(file, alias, password) instanceof PrivateKey key) {
                store.setKeyEntry(alias, key, PASSWORD, file.getCertificateChain(alias));
            }
        }
        if (store.size() == 0) {
            throw new KeyStoreException("it holds no private key");
        }
        return store;
    }

    private static Key key(KeyStore file, String alias, char[] password) throws GeneralSecurityException {
        try {
            return file.getKey(alias, password);
        } catch (UnrecoverableKeyException e) {
            throw new UnrecoverableKeyException(
                    "its key '" + alias + "' cannot be decrypted, so the key's password is wrong: " + e.getMessage());
        }
    }
}
