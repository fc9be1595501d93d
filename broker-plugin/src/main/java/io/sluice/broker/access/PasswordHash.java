package io.sluice.broker.access;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** The hash of a password, as a password file keeps it. Immutable and thread-safe. */
@SuppressWarnings("ArrayRecordComponent") // compared in constant time only
sealed interface PasswordHash {

    /** More would hold a thread for many seconds. */
    int MAX_ITERATIONS = 5_000_000;

    /** The same: each step doubles what a hash costs, and 16 cost seconds. */
    int MAX_BCRYPT_COST = 16;

    int SHA_512_BYTES = 64;

    String FORMATS =
            "a hash of mosquitto_passwd ($7$… or $6$…), of bcrypt ($2a$…, $2b$… or $2y$…), or the SHA-256 of the"
                    + " password in 64 hexadecimal digits";

    Pattern SHA_256 = Pattern.compile("[0-9a-fA-F]{64}");
    Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$[./A-Za-z0-9]{53}");
    Pattern PBKDF2 = Pattern.compile("\\$7\\$(\\d{1,9})\\$([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+)");
    Pattern SHA_512 = Pattern.compile("\\$6\\$([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+)");

    /** Whether it is that of a password. Takes as long for a wrong one as for the right one. */
    boolean matches(byte[] password);

    /** Whether equal passwords have equal hashes, so that one table serves to guess all. */
    default boolean isUnsalted() {
        return false;
    }

    /**
     * Reads a hash as a password file writes it.
     *
     * @throws IllegalArgumentException with a clause that says what is wrong
     */
    static PasswordHash of(String text) {
        if (SHA_256.matcher(text).matches()) {
            return new Sha256(HexFormat.of().parseHex(text));
        }
        Matcher bcrypt = BCRYPT.matcher(text);
        if (bcrypt.matches()) {
            int cost = Integer.parseInt(bcrypt.group(1));
            if (cost < 4 || cost > MAX_BCRYPT_COST) {
                throw new IllegalArgumentException(
                        "has a bcrypt hash of cost " + cost + "; it must be from 4 to " + MAX_BCRYPT_COST);
            }
            return new Bcrypt(text.getBytes(StandardCharsets.US_ASCII));
        }
        Matcher pbkdf2 = PBKDF2.matcher(text);
        if (pbkdf2.matches()) {
            int iterations = Integer.parseInt(pbkdf2.group(1));
            if (iterations < 1 || iterations > MAX_ITERATIONS) {
                throw new IllegalArgumentException(
                        "has a hash of " + iterations + " iterations; they must be from 1 to " + MAX_ITERATIONS);
            }
            return new Pbkdf2(iterations, salt(pbkdf2.group(2)), digest(pbkdf2.group(3)));
        }
        Matcher sha512 = SHA_512.matcher(text);
        if (sha512.matches()) {
            return new Sha512(salt(sha512.group(1)), digest(sha512.group(2)));
        }
        throw new IllegalArgumentException("is not of the form name:hash, where hash is " + FORMATS);
    }

    private static byte[] salt(String text) {
        byte[] salt = decode(text);
        if (salt.length == 0) {
            throw new IllegalArgumentException(
                    "has a hash without a salt; hash the password again with mosquitto_passwd");
        }
        return salt;
    }

    private static byte[] digest(String text) {
        byte[] digest = decode(text);
        if (digest.length != SHA_512_BYTES) {
            throw new IllegalArgumentException("has a hash of " + digest.length
                    + " bytes, where mosquitto_passwd writes 64; hash the password again with mosquitto_passwd");
        }
        return digest;
    }

    private static byte[] decode(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "has a hash or a salt that is not in Base64; hash the password again with mosquitto_passwd", e);
        }
    }

    private static byte[] hash(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }

    /** PBKDF2 with HMAC-SHA-512, mosquitto's since 2.0. */
    record Pbkdf2(int iterations, byte[] salt, byte[] digest) implements PasswordHash {

        @Override
        public boolean matches(byte[] password) {
            CharBuffer text;
            try {
                text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(password));
            } catch (CharacterCodingException e) {
                // mosquitto_passwd takes texts only.
                return false;
            }
            char[] characters = new char[text.remaining()];
            text.get(characters);
            PBEKeySpec spec = new PBEKeySpec(characters, salt, iterations, digest.length * Byte.SIZE);
            try {
                byte[] of = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                        .generateSecret(spec)
                        .getEncoded();
                return MessageDigest.isEqual(of, digest);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has PBKDF2WithHmacSHA512", e);
            } finally {
                spec.clearPassword();
            }
        }
    }

    /** SHA-512 over password and salt, mosquitto's before 2.0. */
    record Sha512(byte[] salt, byte[] digest) implements PasswordHash {

        @Override
        public boolean matches(byte[] password) {
            return MessageDigest.isEqual(hash("SHA-512", password, salt), digest);
        }
    }

    /** Bcrypt, which looks at the first 72 bytes of a password. */
    record Bcrypt(byte[] hash) implements PasswordHash {

        private static final BCrypt.Version VERSION = BCrypt.Version.VERSION_2A;
        private static final BCrypt.Verifyer VERIFYER =
                BCrypt.verifyer(VERSION, LongPasswordStrategies.truncate(VERSION));

        @Override
        public boolean matches(byte[] password) {
            return VERIFYER.verify(password, hash).verified;
        }
    }

    /** SHA-256 without a salt, Moquette's. */
    record Sha256(byte[] digest) implements PasswordHash {

        @Override
        public boolean matches(byte[] password) {
            return MessageDigest.isEqual(hash("SHA-256", password), digest);
        }

        @Override
        public boolean isUnsalted() {
            return true;
        }
    }
}
