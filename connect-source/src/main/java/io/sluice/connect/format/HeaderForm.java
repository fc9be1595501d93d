package io.sluice.connect.format;

import java.nio.charset.Charset;
import java.util.Optional;

/**
 * What headers are for the converter that they go through.
 *
 * @param charset what text is encoded in, for a converter that takes bytes only; absent: text stays text
 * @param isText whether bytes become text in base64, for a converter that would write the name of an array in their place
 * @param size how large the converter makes them
 */
public record HeaderForm(Optional<Charset> charset, boolean isText, ConvertedSize size) {

    /** For converters that take text and bytes, and add nothing. */
    public static final HeaderForm PLAIN = new HeaderForm(Optional.empty(), false, ConvertedSize.AS_IS);
}
