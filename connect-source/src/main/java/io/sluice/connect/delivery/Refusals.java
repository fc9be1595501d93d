package io.sluice.connect.delivery;

import io.sluice.buffer.StoredMessage;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.route.DeadLetters;
import io.sluice.connect.route.MessageFields;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.RoutedRecord;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * What becomes of a message that a route cannot map: a dead letter, if there is a topic for them; otherwise what Kafka
 * Connect's {@code errors.tolerance} says.
 *
 * <p>For the thread that polls.
 */
public final class Refusals {

    private final Optional<DeadLetters> deadLetters;
    private final Tolerance tolerance;
    private final LossLog losses;

    public Refusals(Optional<DeadLetters> deadLetters, Tolerance tolerance, LossLog losses) {
        this.deadLetters = deadLetters;
        this.tolerance = tolerance;
        this.losses = losses;
    }

    /**
     * Sees that devices write no dead letters themselves, through the template of a Kafka topic.
     *
     * @throws UnmappableException if the record is for the topic of the dead letters
     */
    void check(RoutedRecord record) throws UnmappableException {
        if (deadLetters.isPresent() && deadLetters.get().topic().equals(record.topic())) {
            throw new UnmappableException("its Kafka topic would be " + record.topic() + ", the dead.letter.topic");
        }
    }

    /**
     * The record that takes the place of the one that could not be made, if any does.
     *
     * @throws ConnectException if that is not tolerated
     */
    Optional<RoutedRecord> refused(StoredMessage stored, MessageFields fields, Route route, Exception cause) {
        // the words of an exception that nobody expected may quote the payload: they are for the dead letter only
        String error = cause instanceof UnmappableException
                ? String.valueOf(cause.getMessage())
                : cause.getClass().getName();
        String sentence = sentence(stored, route, error);
        if (deadLetters.isPresent()) {
            losses.deadLetter(sentence, stored, error);
        } else if (tolerance == Tolerance.ALL) {
            losses.skipped(sentence, stored, error);
        } else {
            throw new ConnectException(
                    sentence + " With errors.tolerance=all such messages are skipped, and with dead.letter.topic they"
                            + " are kept.",
                    cause);
        }
        return deadLetters.map(letters -> letters.of(
                fields,
                route,
                cause instanceof UnmappableException ? sentence : sentence(stored, route, cause.toString()),
                cause));
    }

    private static String sentence(StoredMessage stored, Route route, String why) {
        return "The message at position " + stored.position() + ", published to "
                + LossLog.printable(stored.message().topic(), 100) + " by client "
                + LossLog.printable(stored.message().clientId(), 100) + ", cannot be mapped by route " + route.name()
                + ": " + why + ".";
    }
}
