package io.sluice.drain;

import io.sluice.buffer.BufferException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens that a broker knows: the lines of a file, which is read again when it has changed. Several can be valid at
 * a time, so that they can be changed with nobody locked out. Thread-safe.
 */
final class Tokens {

    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);

    private static final int SHORTEST = 16;

    private final Path file;
    private FileTime readAt;
    private List<byte[]> digests;

    /** @throws BufferException if the file cannot be read, or holds no token, or one that can be guessed */
    Tokens(Path file) {
        this.file = file;
        try {
            this.readAt = Files.getLastModifiedTime(file);
            this.digests = read();
        } catch (IOException e) {
            throw new BufferException("sluice.drain.token.file cannot be used: " + e.getMessage(), e);
        }
    }

    private List<byte[]> read() throws IOException {
        List<String> tokens = Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        if (tokens.isEmpty()) {
            throw new IOException(file + " holds no token: write one of at least " + SHORTEST + " characters");
        }
        for (String token : tokens) {
            if (token.length() < SHORTEST || !token.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
                throw new IOException(file + " holds a token that is shorter than " + SHORTEST
                        + " characters, or has others than printable ASCII without blanks");
            }
        }
        return tokens.stream().map(Tokens::digest).toList();
    }

    /** Whether a text is one of the tokens; takes the same time whatever it has in common with them. */
    boolean contain(String candidate) {
        byte[] digest = digest(candidate);
        boolean found = false;
        for (byte[] known : current()) {
            found |= MessageDigest.isEqual(known, digest);
        }
        return found;
    }

    private synchronized List<byte[]> current() {
        try {
            FileTime now = Files.getLastModifiedTime(file);
            if (!now.equals(readAt)) {
                readAt = now;
                digests = read();
                LOG.info("Read the changed tokens in {}", file);
            }
        } catch (IOException e) {
            LOG.warn("The changed tokens cannot be used, and those before stay valid: {}", e.getMessage());
        }
        return digests;
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
