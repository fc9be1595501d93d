package io.sluice.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.sluice.remote.wire.Batch;
import io.sluice.remote.wire.FromBroker;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BatchMarshallerTest {

    private final Marshaller<FromBroker> marshaller = BatchMarshaller.attach().getResponseMarshaller();

    @Test
    void it_reads_batches_of_all_sizes_one_after_the_other() {
        for (int size : new int[] {0, 100, 1 << 18, 1, 5 << 20, 200}) {
            FromBroker sent = batch(size);
            assertThat(marshaller.parse(new Known(sent.toByteArray()))).isEqualTo(sent);
        }
    }

    @Test
    void it_reads_what_comes_without_a_length() {
        FromBroker sent = batch(100_000);
        assertThat(marshaller.parse(new ByteArrayInputStream(sent.toByteArray())))
                .isEqualTo(sent);
    }

    @Test
    void what_is_no_message_is_refused() {
        byte[] whole = batch(100).toByteArray();
        assertRefused(Arrays.copyOf(whole, 50));
        byte[] withEndOfNoGroup = Arrays.copyOf(whole, whole.length + 1);
        withEndOfNoGroup[whole.length] = 0x0c;
        assertRefused(withEndOfNoGroup);
    }

    private void assertRefused(byte[] message) {
        assertThatThrownBy(() -> marshaller.parse(new Known(message)))
                .satisfies(refused -> assertThat(Status.fromThrowable(refused).getDescription())
                        .contains("cannot be read"));
    }

    private static FromBroker batch(int bytes) {
        byte[] records = new byte[bytes];
        Arrays.fill(records, (byte) bytes);
        return FromBroker.newBuilder()
                .setBatch(Batch.newBuilder()
                        .setRecords(ByteString.copyFrom(records))
                        .setFrontier(7))
                .build();
    }

    /** As gRPC hands a message over. */
    private static final class Known extends ByteArrayInputStream implements KnownLength {
        Known(byte[] bytes) {
            super(bytes);
        }
    }
}
