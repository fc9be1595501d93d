package io.sluice.remote;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.sluice.remote.wire.DrainGrpc;
import io.sluice.remote.wire.FromBroker;
import io.sluice.remote.wire.FromWorker;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads what a broker sends into an array that it uses again: gRPC's own makes a new one for the records of each batch,
 * and to clear and collect them costs as much as to copy. For one call, which asks for a message at a time and whose
 * observer has copied what it keeps when it returns.
 */
final class BatchMarshaller implements Marshaller<FromBroker> {

    private final ReusedArray arrays = new ReusedArray();

    private BatchMarshaller() {}

    /** The method that attaches, for one call of it. */
    static MethodDescriptor<FromWorker, FromBroker> attach() {
        MethodDescriptor<FromWorker, FromBroker> generated = DrainGrpc.getAttachMethod();
        return generated.toBuilder(generated.getRequestMarshaller(), new BatchMarshaller())
                .build();
    }

    @Override
    public InputStream stream(FromBroker message) {
        return DrainGrpc.getAttachMethod().getResponseMarshaller().stream(message);
    }

    @Override
    public FromBroker parse(InputStream from) {
        try {
            CodedInputStream in = whole(from).newCodedInput();
            in.enableAliasing(true);
            FromBroker message = FromBroker.parseFrom(in);
            in.checkLastTagWas(0);
            return message;
        } catch (IOException e) {
            throw Status.INTERNAL
                    .withDescription("a message of the broker cannot be read")
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    private ByteString whole(InputStream from) throws IOException {
        if (!(from instanceof KnownLength)) {
            return ByteString.readFrom(from);
        }
        int size = from.available();
        byte[] into = arrays.of(size);
        return UnsafeByteOperations.unsafeWrap(into, 0, from.readNBytes(into, 0, size));
    }
}
