package io.sluice.broker;

import io.moquette.broker.IQueueRepository;
import io.moquette.broker.ISessionsRepository;
import io.moquette.broker.ISessionsRepository.SessionData;
import io.moquette.broker.ISubscriptionsRepository;
import io.moquette.persistence.H2Builder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The folder in which Moquette keeps persistent sessions, beside the segments of the buffer.
 *
 * <p>Moquette stores the moment at which a session expires only when it is closed cleanly, and refuses to start with a
 * session that has none. So after a crash every such session is given its full time again. A session whose queue was dropped,
 * as Moquette does when it is stopped, gets a new one: without, it would not come back. Sessions that were to end with
 * their connection have ended, which Moquette does not see; their subscriptions would serve whoever comes next under
 * their name. Queues that belong to no session are removed: Moquette would complain of them at each start.
 */
final class SessionStore {

    private static final int AUTOSAVE_SECONDS = 3_600;

    private SessionStore() {}

    /**
     * Prepares the folder for Moquette.
     *
     * @return the folder
     * @throws BrokerException if it cannot be written
     */
    static Path open(Path bufferDir) {
        Path dir = bufferDir.resolve("sessions");
        try {
            Files.createDirectories(dir);
        } catch (IOException e) {
            throw new BrokerException("The folder " + dir + " for MQTT sessions cannot be made: " + e, e);
        }
        mend(dir);
        return dir;
    }

    private static void mend(Path dir) {
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
        try {
            H2Builder store = new H2Builder(scheduler, dir, AUTOSAVE_SECONDS, Clock.systemUTC()).initStore();
            ISessionsRepository sessions = store.sessionsRepository();
            List.copyOf(sessions.list()).stream()
                    .filter(session -> session.expiryInterval() == 0)
                    .forEach(sessions::delete);
            List.copyOf(sessions.list()).stream()
                    .filter(session -> session.expireAt().isEmpty())
                    .map(SessionData::withExpirationComputed)
                    .forEach(sessions::saveSession);
            IQueueRepository queues = store.queueRepository();
            Set<String> kept = new HashSet<>();
            Set<String> unused = new TreeSet<>(queues.listQueueNames());
            for (SessionData session : sessions.list()) {
                kept.add(session.clientId());
                unused.remove(session.clientId());
                if (!queues.containsQueue(session.clientId())) {
                    queues.getOrCreateQueue(session.clientId());
                }
            }
            unused.forEach(clientId -> queues.getOrCreateQueue(clientId).closeAndPurge());
            ISubscriptionsRepository subscriptions = store.subscriptionsRepository();
            List.copyOf(subscriptions.listAllSubscriptions()).stream()
                    .filter(subscription -> !kept.contains(subscription.getClientId()))
                    .forEach(subscription -> subscriptions.removeSubscription(
                            subscription.getTopicFilter().toString(), subscription.getClientId()));
            store.closeStore();
        } finally {
            scheduler.shutdownNow();
        }
    }
}
