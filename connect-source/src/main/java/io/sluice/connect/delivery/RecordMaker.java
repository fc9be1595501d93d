package io.sluice.connect.delivery;

import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.connect.delivery.MqttSourceRecord.Origin;
import io.sluice.connect.format.AliasNames;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.route.MessageFields;
import io.sluice.connect.route.NotNowException;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.RoutedRecord;
import io.sluice.connect.route.Routes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the records of a message: one for each route that takes it, or a dead letter in its place.
 *
 * <p>Not thread-safe: belongs to the thread that polls.
 */
final class RecordMaker {

    /** Of the records of the elements of one message, and of its dead letters, which one poll makes all of. */
    private static final long MOST_ELEMENT_BYTES = 64L << 20;

    private final Drain drain;
    private final String bufferId;
    private final Resume resume;
    private final SourceOffsets offsets;
    private final Routes routes;
    private final DeadLetterPolicy deadLetters;
    private final Suspicion suspicion;
    private final LossLog losses;
    private final Optional<EdgeNodes> edgeNodes;

    /** Of the message whose records are made. */
    private long elementBytes;

    /** What is not a record as it should be, of the same message: it may have to be made again. */
    private final List<Runnable> untold = new ArrayList<>();

    /** Of the records that were made since the last poll began. */
    private long madeBytes;

    /** @param drain is told when records are settled */
    RecordMaker(
            Drain drain,
            String bufferId,
            Resume resume,
            SourceOffsets offsets,
            Routes routes,
            DeadLetterPolicy deadLetters,
            Suspicion suspicion,
            LossLog losses,
            Optional<EdgeNodes> edgeNodes) {
        this.drain = drain;
        this.bufferId = bufferId;
        this.resume = resume;
        this.offsets = offsets;
        this.routes = routes;
        this.deadLetters = deadLetters;
        this.suspicion = suspicion;
        this.losses = losses;
        this.edgeNodes = edgeNodes;
    }

    /** What templates may ask for of records that were made before. It splits a message once for all that come together. */
    Function<Origin, MessageFields> again() {
        return new Function<>() {
            private @Nullable Origin last;
            private List<MessageFields> elements = List.of();

            @Override
            public MessageFields apply(Origin origin) {
                if (origin.element().isEmpty()) {
                    return fields(origin.message());
                }
                if (last == null
                        || last.message().position() != origin.message().position()
                        || !last.route().name().equals(origin.route().name())) {
                    elements =
                            elements(fields(origin.message()), origin.route()).orElseThrow();
                    last = origin;
                }
                return elements.get(origin.element().getAsInt());
            }
        };
    }

    void polling() {
        madeBytes = 0;
    }

    /** Whether one poll has made so much that the rest is for the next: few bytes of a payload may become many. */
    boolean hasMadeEnough() {
        return madeBytes > MOST_ELEMENT_BYTES;
    }

    MessageFields fields(StoredMessage stored) {
        return new MessageFields(
                stored.message(),
                new MessageId(bufferId, stored.position()),
                edgeNodes.map(nodes -> nodes.names(stored)).orElse(AliasNames.NONE));
    }

    /**
     * Adds the records of a message that were not handed over before an earlier end of the task.
     *
     * @throws ConnectException if the message cannot be mapped and may not be left out
     * @throws NotNowException if Kafka has to answer a question first; nothing has been done then
     * @throws BufferException if the buffer cannot be asked now for what the message refers to; some records may be added,
     *     and nothing is counted or told
     */
    void make(StoredMessage stored, List<MqttSourceRecord> records) throws NotNowException {
        edgeNodes.ifPresent(nodes -> nodes.follow(stored));
        List<Route> takers = routes.takers(stored.message().topic());
        MessageFields fields = fields(stored);
        for (Route route : takers) {
            if (!route.skips(stored.message())) {
                route.prepare(fields);
            }
        }
        elementBytes = 0;
        untold.clear(); // of a message that could not be made
        for (Route route : takers) {
            if (resume.isDone(stored, route.name()) || route.skips(stored.message())) {
                continue;
            }
            Optional<List<MessageFields>> elements = elements(fields, route);
            if (elements.isEmpty()) {
                add(stored, fields, route, route.name(), records);
                continue;
            }
            if (elements.get().isEmpty()) {
                tell(losses::filtered);
            }
            for (int i = 0; i < elements.get().size(); i++) {
                String part = RecordPart.of(route.name(), i);
                if (!resume.isDone(stored, part)) {
                    add(stored, elements.get().get(i), route, part, records);
                }
            }
        }
        untold.forEach(Runnable::run);
        untold.clear();
    }

    /** At once where no birth can be asked for: of a message with many elements there may be much to tell. */
    private void tell(Runnable loss) {
        if (edgeNodes.isPresent()) {
            untold.add(loss);
        } else {
            loss.run();
        }
    }

    /** What a route splits a message into; absent if it takes it as a whole, or if it cannot split it. */
    private static Optional<List<MessageFields>> elements(MessageFields fields, Route route) {
        if (route.split().isEmpty()) {
            return Optional.empty();
        }
        try {
            return route.split(route.read(fields));
        } catch (UnmappableException | RuntimeException | StackOverflowError e) {
            return Optional.empty(); // and is told when the whole is read
        }
    }

    private void add(
            StoredMessage stored, MessageFields fields, Route route, String part, List<MqttSourceRecord> records) {
        // A number that stays the record's own when routes are added, or a route begins to split.
        int number = part.hashCode();
        Mapped mapped = record(stored, fields, route, number);
        if (mapped.record().isEmpty()) {
            return;
        }
        madeBytes += mapped.record().get().bytes();
        records.add(new MqttSourceRecord(
                new Origin(drain, stored, route, fields.id().element(), mapped.deadLetter()),
                offsets.partition(stored.lane()),
                offset(stored, part),
                mapped.record().get(),
                new Delivery(
                        stored.lane(),
                        stored.position(),
                        number,
                        stored.message().receivedAtMs())));
    }

    /** What a route makes of a message, or what takes its place. */
    private record Mapped(Optional<RoutedRecord> record, boolean deadLetter) {}

    private Mapped record(StoredMessage stored, MessageFields fields, Route route, int number) {
        if (suspicion.isCulprit(stored.position(), number)) {
            return refused(deadLetters.refusedLater(
                    stored,
                    fields,
                    route,
                    "its record was the only one on its way when the task failed: Kafka, a converter or a"
                            + " transformation refuses it, and the trace of the task in the log of the worker says why",
                    suspicion.isDeadLetterRefused()));
        }
        try {
            MessageFields read = route.read(fields);
            if (!read.isElement()) {
                route.split(read); // which throws again
            }
            if (!route.wants(read)) {
                tell(losses::filtered);
                return new Mapped(Optional.empty(), false);
            }
            RoutedRecord record = route.map(read);
            deadLetters.check(record, stored.message());
            if (read.isElement()) {
                checkRoom(record);
            }
            route.value().taken();
            return new Mapped(Optional.of(record), false);
        } catch (BufferException e) {
            throw e; // it says nothing of the message
        } catch (UnmappableException | RuntimeException e) {
            return refused(deadLetters.refused(stored, fields, route, e));
        } catch (StackOverflowError e) {
            return refused(deadLetters.refused(
                    stored, fields, route, new UnmappableException("its payload is nested too deeply")));
        }
    }

    private Mapped refused(DeadLetterPolicy.Refused refused) {
        tell(refused.tell());
        Optional<RoutedRecord> letter = refused.letter();
        if (letter.isPresent() && elementBytes + letter.get().bytes() > MOST_ELEMENT_BYTES) {
            letter = refused.reduced().get();
        }
        elementBytes += letter.map(RoutedRecord::bytes).orElse(0L);
        return new Mapped(letter, true);
    }

    private void checkRoom(RoutedRecord record) throws UnmappableException {
        if (elementBytes + record.bytes() > MOST_ELEMENT_BYTES) {
            throw new UnmappableException("the records of the elements before it have "
                    + elementBytes
                    + " bytes, and its record would make them too large together");
        }
        elementBytes += record.bytes();
    }

    private Map<String, Object> offset(StoredMessage stored, String part) {
        return resume.isReplay(stored)
                ? offsets.replayOffset(stored.position(), part)
                : offsets.offset(stored.position(), part);
    }
}
