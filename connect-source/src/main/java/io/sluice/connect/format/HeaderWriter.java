package io.sluice.connect.format;

import java.nio.charset.Charset;
import java.util.Base64;
import java.util.Optional;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;

/** Sets the headers of one record, and counts their bytes. Not thread-safe. */
public final class HeaderWriter {

    /**
     * What headers are for the converter that they go through.
     *
     * @param charset what text is encoded in, for a converter that takes bytes only; absent: text stays text
     * @param isText whether bytes become text in base64, for a converter that would write the name of an array in their
     *     place
     * @param size how large the converter makes them
     */
    public record Form(Optional<Charset> charset, boolean isText, ConvertedSize size) {

        /** For converters that take text and bytes, and add nothing. */
        public static final Form PLAIN = new Form(Optional.empty(), false, ConvertedSize.AS_IS);
    }

    /** What Kafka writes for the lengths of a name and a value. */
    private static final int LENGTHS = 6;

    private final ConnectHeaders headers = new ConnectHeaders();
    private final Form form;
    private final AllowedNames allowed;
    private long bytes;

    public HeaderWriter(Form form) {
        this(form, AllowedNames.ALL);
    }

    public HeaderWriter(Form form, AllowedNames allowed) {
        this.form = form;
        this.allowed = allowed;
    }

    /** Adds a header. Characters that the charset lacks become its replacement, mostly a question mark. */
    public void text(String key, String value) {
        if (form.charset().isPresent()) {
            bytes(key, value.getBytes(form.charset().get()));
        } else if (allowed.has(key)) {
            bytes += LENGTHS + Utils.utf8Length(key) + form.size().of(Schema.STRING_SCHEMA, value);
            headers.addString(key, value);
        }
    }

    public void bytes(String key, byte[] value) {
        if (form.isText()) {
            text(key, Base64.getEncoder().encodeToString(value));
        } else if (allowed.has(key)) {
            long size = Math.max(ConvertedSize.base64(value.length), form.size().of(Schema.BYTES_SCHEMA, value));
            bytes += LENGTHS + Utils.utf8Length(key) + size;
            headers.addBytes(key, value);
        }
    }

    public ConnectHeaders headers() {
        return headers;
    }

    /**
     * How many bytes they have in a record, at most: names and values as the header converter writes them, bytes in base64
     * as most do, and their lengths.
     */
    public long bytes() {
        return bytes;
    }
}
