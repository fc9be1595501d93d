package io.sluice.connect.format;

import java.nio.charset.Charset;
import java.util.Optional;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.header.ConnectHeaders;

/** Sets the headers of one record, and counts their bytes. Not thread-safe. */
public final class HeaderWriter {

    /** What Kafka writes for the lengths of a name and a value. */
    private static final int LENGTHS = 6;

    private final ConnectHeaders headers = new ConnectHeaders();
    private final Optional<Charset> charset;
    private final AllowedNames allowed;
    private long bytes;

    /** @param charset what text is encoded in, for a header converter that takes bytes only; absent: text stays text */
    public HeaderWriter(Optional<Charset> charset) {
        this(charset, AllowedNames.ALL);
    }

    /** Begins the headers of a record that has those of some names only; all others are left out. */
    public HeaderWriter(Optional<Charset> charset, AllowedNames allowed) {
        this.charset = charset;
        this.allowed = allowed;
    }

    /** Adds a header. Characters that the charset lacks become its replacement, mostly a question mark. */
    public void text(String key, String value) {
        if (charset.isPresent()) {
            bytes(key, value.getBytes(charset.get()));
        } else if (allowed.has(key)) {
            bytes += LENGTHS + Utils.utf8Length(key) + Utils.utf8Length(value);
            headers.addString(key, value);
        }
    }

    public void bytes(String key, byte[] value) {
        if (!allowed.has(key)) {
            return;
        }
        bytes += LENGTHS + Utils.utf8Length(key) + ConvertedSize.base64(value.length);
        headers.addBytes(key, value);
    }

    public ConnectHeaders headers() {
        return headers;
    }

    /**
     * How many bytes they have in a record, at most: names and values, text in UTF-8 and bytes in base64, as most header
     * converters write them, and their lengths.
     */
    public long bytes() {
        return bytes;
    }
}
