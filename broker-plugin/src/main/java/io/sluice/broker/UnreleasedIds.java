package io.sluice.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The packet identifiers of QoS 2 publishes that were accepted and not yet released by PUBREL, client by client
 * ([MQTT-4.3.3-2]). A PUBLISH sent again under such an identifier is answered, not captured again. Thread-safe: a
 * client that reconnects may meet its own identifiers on another event loop.
 */
final class UnreleasedIds {

    /** How far the message of an identifier has come. */
    enum Progress {
        /** The identifier is not in use: the message is new. */
        NEW,
        /** The message is on its way into the buffer. */
        PENDING,
        /** The message is safe: PUBREC may be sent. */
        SAFE
    }

    private static final class Entry {
        private boolean safe;
        private final List<Runnable> waiting = new ArrayList<>(0);
    }

    private final Map<String, Map<Integer, Entry>> byClient = new ConcurrentHashMap<>();

    /**
     * Says how far a message has come, and takes its identifier if it is new.
     *
     * @param whenSettled called once, on any thread, when a {@link Progress#PENDING} message is settled
     */
    Progress accept(String clientId, int packetId, Runnable whenSettled) {
        Map<Integer, Entry> ids = byClient.computeIfAbsent(clientId, unknown -> new HashMap<>());
        synchronized (ids) {
            Entry entry = ids.get(packetId);
            if (entry == null) {
                ids.put(packetId, new Entry());
                return Progress.NEW;
            }
            if (entry.safe) {
                return Progress.SAFE;
            }
            entry.waiting.add(whenSettled);
            return Progress.PENDING;
        }
    }

    /** The message of an identifier is in the buffer. */
    void safe(String clientId, int packetId) {
        settle(clientId, packetId, true);
    }

    /** The message of an identifier did not get into the buffer: the identifier is free again. */
    void failed(String clientId, int packetId) {
        settle(clientId, packetId, false);
    }

    private void settle(String clientId, int packetId, boolean safe) {
        Map<Integer, Entry> ids = byClient.get(clientId);
        if (ids == null) {
            return;
        }
        List<Runnable> waiting;
        synchronized (ids) {
            Entry entry = ids.get(packetId);
            if (entry == null || entry.safe) {
                return;
            }
            entry.safe = safe;
            if (!safe) {
                ids.remove(packetId);
            }
            waiting = List.copyOf(entry.waiting);
            entry.waiting.clear();
        }
        waiting.forEach(Runnable::run);
    }

    /** The client has released an identifier (PUBREL). */
    void release(String clientId, int packetId) {
        Map<Integer, Entry> ids = byClient.get(clientId);
        if (ids != null) {
            synchronized (ids) {
                ids.remove(packetId);
            }
        }
    }

    /** The client's session has ended, and its identifiers with it. */
    void endSession(String clientId) {
        byClient.remove(clientId);
    }
}
