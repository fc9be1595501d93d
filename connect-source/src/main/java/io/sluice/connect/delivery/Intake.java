package io.sluice.connect.delivery;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.connect.delivery.SilenceWatch.Extent;
import io.sluice.connect.delivery.SilenceWatch.Silence;
import io.sluice.connect.route.NotNowException;
import io.sluice.remote.BufferUnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * What a drain takes in: reads on in its buffer, lets the {@link RecordMaker} make records of the messages, and keeps
 * for the next poll what one poll does not take. For the thread that polls, but for {@link #unanswered} and
 * {@link #readToMs}, which any thread may ask.
 */
final class Intake {

    private final Attachment buffer;
    private final RecordMaker maker;
    private final BatchLimits limits;
    private final LossLog losses;
    private final Outstanding outstanding;
    private final Consumer<RuntimeException> failLater;

    /** What was read and is not handed over yet: one message may become many records. */
    private Optional<ReadBatch> rest = Optional.empty();

    /** A question that Kafka has to answer before the next message becomes a record; null: none. */
    private volatile @Nullable Unanswered unanswered;

    /** Whether the next message waits, as the buffer cannot be asked now for what it refers to. */
    private boolean isWaitingForBuffer;

    private boolean mayHaveMore;

    /** What is still to be read was received after that, as far as is known. */
    private volatile long readToMs = System.currentTimeMillis();

    private record Unanswered(NotNowException why, long sinceNs) {}

    /**
     * Has read nothing yet.
     *
     * @param outstanding is told which records are handed over, and how far reading has come
     * @param failLater lets the poll after the next one fail
     */
    Intake(
            Attachment buffer,
            RecordMaker maker,
            BatchLimits limits,
            LossLog losses,
            Outstanding outstanding,
            Consumer<RuntimeException> failLater) {
        this.buffer = buffer;
        this.maker = maker;
        this.limits = limits;
        this.losses = losses;
        this.outstanding = outstanding;
        this.failLater = failLater;
    }

    /**
     * The next records, which count as handed over. Does not wait for messages.
     *
     * @param careful whether to read one message only
     * @throws ConnectException if the first message cannot be mapped and may not be left out
     */
    List<MqttSourceRecord> read(boolean careful) throws InterruptedException {
        ReadBatch read = rest.orElse(null);
        if (read == null) {
            read = buffer.read(careful ? 1 : limits.maxMessages(), limits.maxBytes(), Duration.ZERO);
        }
        read.gaps().forEach(losses::lost);
        noteTime(read);
        List<MqttSourceRecord> records = handOver(read);
        boolean waits = unanswered != null || isWaitingForBuffer;
        boolean unwanted = records.isEmpty() && !read.messages().isEmpty();
        mayHaveMore = unwanted && !waits && (rest.isPresent() || read.frontier() < buffer.end());
        return records;
    }

    /** Whether the last read made no records, and there may be more to read although the buffer does not tell of it. */
    boolean mayHaveMore() {
        return mayHaveMore;
    }

    private void noteTime(ReadBatch read) {
        List<StoredMessage> messages = read.messages();
        if (!messages.isEmpty()) {
            readToMs = messages.get(messages.size() - 1).message().receivedAtMs();
        } else if (read.frontier() >= buffer.end()) {
            readToMs = System.currentTimeMillis();
        }
    }

    /** Milliseconds since the epoch. */
    long readToMs() {
        return readToMs;
    }

    /** How long a question has waited for Kafka; empty if there is none. */
    Optional<Silence> unanswered() {
        return Optional.ofNullable(unanswered)
                .map(question -> new Silence(
                        Duration.ofNanos(System.nanoTime() - question.sinceNs()).toMillis(),
                        question.why().topic(),
                        String.valueOf(question.why().getMessage()),
                        Extent.ALL));
    }

    /** A question has waited from now on only. */
    void forgetQuestion() {
        unanswered = null;
    }

    private List<MqttSourceRecord> handOver(ReadBatch read) {
        List<MqttSourceRecord> records = new ArrayList<>(read.messages().size());
        rest = Optional.empty();
        isWaitingForBuffer = false;
        maker.polling();
        for (int i = 0; i < read.messages().size(); i++) {
            StoredMessage message = read.messages().get(i);
            if (records.size() >= limits.maxMessages() || maker.hasMadeEnough()) {
                return handOverBefore(i, read, records);
            }
            int made = records.size();
            try {
                maker.make(message, records);
                if (unanswered != null) {
                    unanswered = null;
                }
            } catch (NotNowException why) {
                Unanswered before = unanswered;
                unanswered = new Unanswered(why, before == null ? System.nanoTime() : before.sinceNs());
                return handOverBefore(i, read, records);
            } catch (BufferUnreachableException away) {
                // the same message again when it is back, with all of its records
                records.subList(made, records.size()).clear();
                unanswered = null;
                isWaitingForBuffer = true;
                return handOverBefore(i, read, records);
            } catch (ConnectException refused) {
                unanswered = null;
                onTheirWay(records, message.position());
                if (records.isEmpty()) {
                    throw refused;
                }
                // What came before goes to Kafka first, or a restart would come upon the same message with nothing
                // done.
                failLater.accept(refused);
                return records;
            }
        }
        onTheirWay(records, read.frontier());
        return records;
    }

    /** What was made of the messages before one; the rest is for the next poll. */
    private List<MqttSourceRecord> handOverBefore(int next, ReadBatch read, List<MqttSourceRecord> records) {
        List<StoredMessage> messages = read.messages();
        rest = Optional.of(new ReadBatch(messages.subList(next, messages.size()), read.frontier(), List.of()));
        onTheirWay(records, messages.get(next).position());
        return records;
    }

    private void onTheirWay(List<MqttSourceRecord> records, long readTo) {
        outstanding.handOver(records.stream().map(MqttSourceRecord::delivery).toList(), readTo);
    }
}
