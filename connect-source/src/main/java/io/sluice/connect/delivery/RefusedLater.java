package io.sluice.connect.delivery;

import io.sluice.connect.delivery.MqttSourceRecord.Origin;
import io.sluice.connect.route.MessageFields;
import io.sluice.connect.route.RoutedRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Records that Kafka Connect has given up, until dead letters are made of them. {@link #handsOver} and {@link #letters}
 * are for the thread that polls; the rest is thread-safe.
 */
final class RefusedLater {

    private final DeadLetterPolicy deadLetters;
    private final RecordMaker maker;
    private final SourceOffsets offsets;
    private final Queue<MqttSourceRecord> waiting = new ConcurrentLinkedQueue<>();

    /** Of those that wait. */
    private final Set<Delivery> deliveries = ConcurrentHashMap.newKeySet();

    /** By lane, the offset of the last record that was handed over. */
    private final Map<Integer, Map<String, ?>> lastOffsets = new HashMap<>();

    RefusedLater(DeadLetterPolicy deadLetters, RecordMaker maker, SourceOffsets offsets) {
        this.deadLetters = deadLetters;
        this.maker = maker;
        this.offsets = offsets;
    }

    void add(MqttSourceRecord record) {
        deliveries.add(record.delivery());
        waiting.add(record);
    }

    /** Kafka Connect may say more than once that it gives up a record. */
    boolean has(Delivery delivery) {
        return deliveries.contains(delivery);
    }

    int size() {
        return deliveries.size();
    }

    void forEach(Consumer<Delivery> action) {
        deliveries.forEach(action);
    }

    void handsOver(MqttSourceRecord record) {
        lastOffsets.put(record.delivery().lane(), record.sourceOffset());
    }

    /** The dead letters of all that wait; a record of which none is made is settled. */
    List<MqttSourceRecord> letters() {
        List<MqttSourceRecord> letters = new ArrayList<>();
        Function<Origin, MessageFields> fields = maker.again();
        for (MqttSourceRecord record = waiting.poll(); record != null; record = waiting.poll()) {
            Optional<RoutedRecord> letter = letter(record, fields);
            Origin origin = record.origin();
            Delivery delivery = record.delivery();
            deliveries.remove(delivery);
            delivery.handAgain();
            if (letter.isPresent()) {
                // Kafka Connect holds a later offset of that lane already, which must not go back.
                letters.add(new MqttSourceRecord(
                        new Origin(origin.drain(), origin.message(), origin.route(), origin.element(), true),
                        offsets.partition(delivery.lane()),
                        lastOffsets.getOrDefault(delivery.lane(), record.sourceOffset()),
                        letter.get(),
                        delivery));
            } else {
                origin.drain().settle(delivery, false);
            }
        }
        return letters;
    }

    private Optional<RoutedRecord> letter(MqttSourceRecord record, Function<Origin, MessageFields> fields) {
        Origin origin = record.origin();
        if (origin.deadLetter()) {
            deadLetters.deadLetterRefused(origin.message(), origin.route());
            return Optional.empty();
        }
        DeadLetterPolicy.Refused refused = deadLetters.refusedLater(
                origin.message(),
                fields.apply(origin),
                origin.route(),
                "Kafka Connect gave it up: Kafka, a converter or a transformation refused its record for the topic "
                        + record.topic() + ", and the log of the worker says why",
                false);
        refused.tell().run();
        return refused.letter();
    }
}
