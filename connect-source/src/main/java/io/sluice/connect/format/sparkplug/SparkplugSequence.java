package io.sluice.connect.format.sparkplug;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.sluice.connect.format.Payload;
import io.sluice.connect.format.UnmappableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** The sequence number of a payload, without what else is in it. */
public final class SparkplugSequence {

    private static final int SEQ = 3;
    private static final int UUID = 4;

    private SparkplugSequence() {}

    /** Reads the number; empty if there is none, or the payload is none of Sparkplug B. */
    public static OptionalLong of(ByteBuffer payload) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(Payload.bytes(payload));
            OptionalLong seq = OptionalLong.empty();
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == (SEQ << 3 | WireFormat.WIRETYPE_VARINT)) {
                    seq = OptionalLong.of(in.readUInt64());
                } else if (tag == (UUID << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)
                        && in.readString().equals(SparkplugPayload.COMPRESSED)) {
                    var inside = SparkplugPayload.read(payload);
                    return inside.hasSeq() ? OptionalLong.of(inside.getSeq()) : OptionalLong.empty();
                } else if (WireFormat.getTagFieldNumber(tag) != UUID) {
                    in.skipField(tag);
                }
            }
            return seq;
        } catch (IOException | UnmappableException e) {
            return OptionalLong.empty();
        }
    }
}
