package io.sluice.connect.format.schema;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import io.sluice.connect.format.UnmappableException;
import java.io.IOException;

/** Walks over a Protobuf payload before it is read, and counts the structs that it would become. */
final class ProtobufBounds {

    private final CodedInputStream in;
    private final StructMemory memory = new StructMemory();

    private ProtobufBounds(CodedInputStream in) {
        this.in = in;
    }

    /**
     * Checks a payload, whose messages do not contain themselves.
     *
     * @throws IOException if it is no Protobuf
     * @throws UnmappableException if it would take too much memory
     */
    static void check(CodedInputStream payload, Descriptor message) throws IOException, UnmappableException {
        new ProtobufBounds(payload).walk(message);
    }

    private void walk(Descriptor message) throws IOException, UnmappableException {
        memory.take(message.getFields().size());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            FieldDescriptor field = message.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            boolean isMessage = field != null && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            int wireType = WireFormat.getTagWireType(tag);
            if (isMessage && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                int limit = in.pushLimit(in.readRawVarint32());
                walk(field.getMessageType());
                in.popLimit(limit);
            } else if (isMessage && wireType == WireFormat.WIRETYPE_START_GROUP) {
                walk(field.getMessageType());
            } else if (!in.skipField(tag)) {
                return; // the group ends
            }
        }
    }
}
