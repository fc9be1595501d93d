package io.sluice.tls;

import io.sluice.file.FileLooks;
import io.sluice.file.FollowedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens that are valid: the lines of a file, which is read again when it has changed. A line is a token, or the
 * name of a connector and the token that lets in this connector alone. Several can be valid at a time, so that they can
 * be changed without locking anybody out. Whoever asks does not wait for the disk. Thread-safe.
 */
public final class Tokens {

    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);

    private static final int SHORTEST = 16;

    /** A line of the file: a connector's name, or any, and the digest of the token. */
    @SuppressWarnings("ArrayRecordComponent") // compared in constant time only
    private record Line(Optional<String> connector, byte[] digest) {}

    private final FollowedFile file;
    private volatile List<Line> lines;
    /** The digest of what was read last: nothing here keeps a token. */
    private byte[] last;

    private boolean isToBeRead;
    private String said = "";

    /** @throws IOException if the file cannot be read, or holds no token, or one that can be guessed */
    public Tokens(Path file) throws IOException {
        this(new FollowedFile(file));
        FileLooks.begin(this, Tokens::look);
    }

    /** Tokens of a file at which only {@link #look} looks again. */
    Tokens(FollowedFile file) throws IOException {
        this.file = file;
        file.mayHaveChanged();
        List<String> found = Files.readAllLines(file.path());
        this.last = digest(String.join("\n", found));
        this.lines = parse(found);
    }

    private List<Line> parse(List<String> texts) throws IOException {
        List<Line> read = new ArrayList<>();
        for (String text : texts) {
            String line = text.strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                read.add(line(line));
            }
        }
        if (read.isEmpty()) {
            throw new IOException(file.path() + " holds no token: write one of at least " + SHORTEST + " characters");
        }
        return read;
    }

    private Line line(String text) throws IOException {
        int blank = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\t'));
        String token = text.substring(blank + 1);
        if (token.length() < SHORTEST || !token.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw new IOException(file.path() + " holds a token that is shorter than " + SHORTEST
                    + " characters, or has others than printable ASCII without blanks");
        }
        Optional<String> connector =
                Optional.of(text.substring(0, Math.max(blank, 0)).strip());
        return new Line(connector.filter(name -> !name.isEmpty()), digest(token));
    }

    /** What a token admits, for as long as it is in the file. */
    public final class Admission {

        private final byte[] digest;

        private Admission(byte[] digest) {
            this.digest = digest;
        }

        /** Whether it still lets anybody in. */
        public boolean holds() {
            return find(digest, line -> true);
        }

        /** Whether it lets in a connector. */
        public boolean lets(String connector) {
            return find(
                    digest,
                    line -> line.connector().isEmpty() || line.connector().get().equals(connector));
        }
    }

    /** What a token admits; empty if it is not valid. */
    public Optional<Admission> admission(String token) {
        return Optional.of(new Admission(digest(token))).filter(Admission::holds);
    }

    /** Takes the same time whatever a digest has in common with those that are known. */
    private boolean find(byte[] digest, Predicate<Line> which) {
        boolean found = false;
        for (Line line : lines) {
            if (MessageDigest.isEqual(line.digest(), digest)) {
                found |= which.test(line);
            }
        }
        return found;
    }

    /** Takes what it finds twice: whoever writes the file may not be done, and tokens that are missing end sessions. */
    synchronized void look() {
        try {
            isToBeRead |= file.mayHaveChanged();
            if (!isToBeRead) {
                return;
            }
            List<String> found = Files.readAllLines(file.path());
            byte[] now = digest(String.join("\n", found));
            if (MessageDigest.isEqual(now, last)) {
                lines = parse(found);
                isToBeRead = false;
                said = "";
            }
            last = now;
        } catch (IOException | RuntimeException e) {
            String complaint = e.toString();
            if (!complaint.equals(said)) {
                said = complaint;
                LOG.warn("The changed tokens cannot be used, and the previous ones stay valid: {}", e.getMessage());
            }
        }
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
