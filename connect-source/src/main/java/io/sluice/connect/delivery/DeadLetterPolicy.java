package io.sluice.connect.delivery;

import io.sluice.buffer.record.StoredMessage;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.route.DeadLetters;
import io.sluice.connect.route.MessageFields;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.RoutedRecord;
import io.sluice.message.ConnectionTopics;
import io.sluice.message.Message;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Decides what happens to a message that a route cannot map: a dead letter, if there is a topic for them; otherwise
 * what Kafka Connect's {@code errors.tolerance} says.
 *
 * <p>For the thread that polls.
 */
public final class DeadLetterPolicy {

    /** What it quotes a device chooses. */
    private static final int LONGEST_ERROR = 10_000;

    private final Optional<DeadLetters> deadLetters;
    private final Optional<String> connectionsTopic;
    private final Tolerance tolerance;
    private final LossLog losses;

    /**
     * A record that could not be made, or was handed over and refused.
     *
     * @param letter what takes its place; absent: nothing does
     * @param reduced makes a smaller one, in place of one that would take too much memory
     * @param tell counts and reports it
     */
    record Refused(Optional<RoutedRecord> letter, Supplier<Optional<RoutedRecord>> reduced, Runnable tell) {}

    /** @param connectionsTopic the Kafka topic that only records about connections are for, if there are any */
    public DeadLetterPolicy(
            Optional<DeadLetters> deadLetters, Optional<String> connectionsTopic, Tolerance tolerance, LossLog losses) {
        this.deadLetters = deadLetters;
        this.connectionsTopic = connectionsTopic;
        this.tolerance = tolerance;
        this.losses = losses;
    }

    /**
     * Makes sure that devices write neither dead letters nor records about connections, through the template of a Kafka
     * topic.
     *
     * @throws UnmappableException if the record is for a topic that is not for messages
     */
    void check(RoutedRecord record, Message message) throws UnmappableException {
        if (connectionsTopic.isPresent()
                && connectionsTopic.get().equals(record.topic())
                && !ConnectionTopics.ALL.matches(message.topic())) {
            throw new UnmappableException("its Kafka topic would be " + record.topic() + ", the connections.topic");
        }
        if (deadLetters.isPresent() && deadLetters.get().topic().equals(record.topic())) {
            throw new UnmappableException("its Kafka topic would be " + record.topic() + ", the dead.letter.topic");
        }
    }

    /**
     * What becomes of a message of which no record can be made. It is not counted and told yet.
     *
     * @throws ConnectException if that is not tolerated
     */
    Refused refused(StoredMessage stored, MessageFields fields, Route route, Exception cause) {
        // the words of an unexpected exception may quote the payload: they are for the dead letter only
        String place = fields.id().element().isPresent()
                ? "in element " + fields.id().element().getAsInt() + " "
                : "";
        boolean isExpected = cause instanceof UnmappableException;
        String why = isExpected
                ? String.valueOf(cause.getMessage())
                : cause.getClass().getName();
        String error = place + LossLog.printable(why, LONGEST_ERROR);
        String sentence = sentence(stored, route, error);
        Runnable tell = telling(stored, sentence, error, cause);
        String written = isExpected ? sentence : sentence(stored, route, place + cause);
        return new Refused(
                deadLetters.map(letters -> letters.of(fields, route, written, cause)),
                () -> deadLetters.map(letters -> letters.reduced(fields, route, written, cause)),
                tell);
    }

    /**
     * What becomes of a record that was handed over and refused. It is not counted and told yet.
     *
     * @param reduced whether what takes its place was refused too, as it was
     * @throws ConnectException if that is not tolerated
     */
    Refused refusedLater(StoredMessage stored, MessageFields fields, Route route, String why, boolean reduced) {
        String sentence = about(stored) + ", was mapped by route " + route.name() + ", but " + why + ".";
        RecordRefusedException cause = new RecordRefusedException(why);
        Runnable tell = telling(stored, sentence, why, cause);
        Supplier<Optional<RoutedRecord>> smaller =
                () -> deadLetters.map(letters -> letters.reduced(fields, route, sentence, cause));
        return new Refused(
                reduced ? smaller.get() : deadLetters.map(letters -> letters.of(fields, route, sentence, cause)),
                smaller,
                tell);
    }

    private Runnable telling(StoredMessage stored, String sentence, String error, Exception cause) {
        if (deadLetters.isPresent()) {
            return () -> losses.deadLetter(sentence, stored, error);
        }
        if (tolerance == Tolerance.ALL) {
            return () -> losses.skipped(sentence, stored, error);
        }
        throw new ConnectException(
                sentence + " With errors.tolerance=all such messages are skipped, and with dead.letter.topic they"
                        + " are kept.",
                loggable(cause));
    }

    /** A cause for Kafka Connect to log with all that it says: a device may have chosen the words. */
    private static Throwable loggable(Throwable cause) {
        if (cause instanceof UnmappableException) {
            return new UnmappableException(LossLog.printable(String.valueOf(cause.getMessage()), LONGEST_ERROR));
        }
        if (cause instanceof RecordRefusedException) {
            return cause; // its words are our own
        }
        String words = LossLog.printable(cause.toString(), LONGEST_ERROR);
        Throwable before = cause.getCause();
        ConnectException shown =
                before == null ? new ConnectException(words) : new ConnectException(words, loggable(before));
        shown.setStackTrace(cause.getStackTrace());
        return shown;
    }

    /** Neither a message nor its dead letter is in Kafka, and errors are tolerated. */
    void deadLetterRefused(StoredMessage stored, Route route) {
        String why = "Kafka did not take its dead letter either: see whether the dead.letter.topic "
                + deadLetters.map(DeadLetters::topic).orElse("") + " exists and may be written to";
        losses.skipped(about(stored) + ", is not in Kafka, and " + why + ".", stored, why);
    }

    private static String sentence(StoredMessage stored, Route route, String why) {
        return about(stored) + ", cannot be mapped by route " + route.name() + ": " + why + ".";
    }

    private static String about(StoredMessage stored) {
        return "The message at position " + stored.position() + ", published to "
                + LossLog.printable(stored.message().topic(), 100) + " by client "
                + LossLog.printable(stored.message().clientId(), 100);
    }
}
