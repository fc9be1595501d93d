package io.sluice.connect.format.sparkplug;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.sluice.connect.format.UnmappableException;
import java.io.IOException;
import java.util.Map;

/**
 * Walks over a payload before it is read, and refuses one whose parts would take far more memory than itself, or are
 * nested deeper than anybody intends.
 */
final class PayloadBounds {

    /** Metrics, properties, parameters, columns and their types, rows and cells; each takes up to 200 bytes when it is read. */
    static final int MOST_PARTS = 100_000;

    /** Templates in templates, and property sets in property sets; a metric and its template are two. */
    static final int DEEPEST = 32;

    /** What a field that has parts is, by its number. */
    private enum Part {
        PAYLOAD,
        METRIC,
        TEMPLATE,
        PARAMETER,
        META_DATA,
        DATA_SET,
        ROW,
        CELL,
        PROPERTY_SET,
        PROPERTY,
        PROPERTY_SETS,
        TYPES,
        TEXT;

        private static final Map<Part, Map<Integer, Part>> FIELDS = Map.of(
                PAYLOAD, Map.of(2, METRIC),
                METRIC, Map.of(8, META_DATA, 9, PROPERTY_SET, 17, DATA_SET, 18, TEMPLATE),
                TEMPLATE, Map.of(2, METRIC, 3, PARAMETER),
                DATA_SET, Map.of(2, TEXT, 3, TYPES, 4, ROW),
                ROW, Map.of(1, CELL),
                PROPERTY_SET, Map.of(1, TEXT, 2, PROPERTY),
                PROPERTY, Map.of(9, PROPERTY_SET, 10, PROPERTY_SETS),
                PROPERTY_SETS, Map.of(1, PROPERTY_SET));

        Map<Integer, Part> fields() {
            return FIELDS.getOrDefault(this, Map.of());
        }
    }

    private final CodedInputStream in;
    private int parts;

    private PayloadBounds(byte[] payload) {
        this.in = CodedInputStream.newInstance(payload);
    }

    /** @throws IOException if it is no Protobuf */
    static void check(byte[] payload) throws IOException, UnmappableException {
        new PayloadBounds(payload).walk(Part.PAYLOAD, 0);
    }

    private void walk(Part part, int depth) throws IOException, UnmappableException {
        if (depth > DEEPEST) {
            throw new UnmappableException(
                    "its payload has templates or properties that are nested more than " + DEEPEST + " deep");
        }
        Map<Integer, Part> fields = part.fields();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            Part inside = fields.get(WireFormat.getTagFieldNumber(tag));
            if (inside == Part.TYPES) {
                countTypes(tag);
                continue;
            }
            if (inside == null || WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                in.skipField(tag);
                continue;
            }
            count();
            if (inside.fields().isEmpty()) {
                in.skipField(tag);
            } else {
                int limit = in.pushLimit(in.readRawVarint32());
                walk(inside, depth + 1);
                in.popLimit(limit);
            }
        }
    }

    /** Numbers, of which one field may have many. */
    private void countTypes(int tag) throws IOException, UnmappableException {
        if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            count();
            in.skipField(tag);
            return;
        }
        int limit = in.pushLimit(in.readRawVarint32());
        while (!in.isAtEnd()) {
            count();
            in.readRawVarint64();
        }
        in.popLimit(limit);
    }

    private void count() throws UnmappableException {
        if (++parts > MOST_PARTS) {
            throw new UnmappableException("its payload has more than " + MOST_PARTS + " metrics, properties and cells");
        }
    }
}
