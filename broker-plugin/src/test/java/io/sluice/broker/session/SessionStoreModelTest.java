package io.sluice.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.session.TestSessions.Clocks;
import io.sluice.file.FaultyFolder;
import io.sluice.message.TopicFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;

/**
 * The store against a simple model, under random changes, failed forces, full disks, and openings after it was closed,
 * killed, or cut off from power. What is found is what the model held at some moment, and not before the last one that
 * was told to be safe.
 */
class SessionStoreModelTest {

    private static final int CLIENTS = 3;
    private static final int QUEUE = 5;
    private static final SessionLimits LIMITS =
            new SessionLimits(1_000, QUEUE, 1 << 20, 10, 10_000, 100, 1 << 20, 1 << 24);

    /** So small that journals are written anew all the time. */
    private static final long SMALL_BYTES = 1_500;

    enum Kind {
        SAVE,
        DELETE,
        SUBSCRIBE,
        UNSUBSCRIBE,
        ADD,
        ADD_TO_ALL,
        TAKE,
        REMOVE,
        PUT_BACK,
        RETAIN,
        CLEAR,
        AWAIT,
        FAIL_FORCE,
        FILL_DISK,
        CLOSE,
        KILL,
        POWER_CUT
    }

    /** One thing that happens; {@code amount} says to whom, and how. */
    record Step(Kind kind, int amount) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(4, Kind.SAVE),
                Tuple.of(1, Kind.DELETE),
                Tuple.of(3, Kind.SUBSCRIBE),
                Tuple.of(1, Kind.UNSUBSCRIBE),
                Tuple.of(8, Kind.ADD),
                Tuple.of(4, Kind.ADD_TO_ALL),
                Tuple.of(8, Kind.TAKE),
                Tuple.of(8, Kind.REMOVE),
                Tuple.of(1, Kind.PUT_BACK),
                Tuple.of(4, Kind.RETAIN),
                Tuple.of(2, Kind.CLEAR),
                Tuple.of(6, Kind.AWAIT),
                Tuple.of(1, Kind.FAIL_FORCE),
                Tuple.of(1, Kind.FILL_DISK),
                Tuple.of(1, Kind.CLOSE),
                Tuple.of(1, Kind.KILL),
                Tuple.of(2, Kind.POWER_CUT));
        return Combinators.combine(kinds, Arbitraries.integers().between(0, 1_000))
                .as(Step::new)
                .list()
                .ofMinSize(10)
                .ofMaxSize(120);
    }

    @Property(tries = 300, shrinking = ShrinkingMode.BOUNDED)
    void what_is_found_is_what_was_there_at_some_moment_since_the_last_safe_one(@ForAll("steps") List<Step> steps) {
        Run run = new Run();
        for (Step step : steps) {
            run.apply(step);
        }
        run.finish();
    }

    /** A queued message as the model knows it. */
    private static final class Entry {
        final String text;
        boolean sent;

        Entry(String text, boolean sent) {
            this.text = text;
            this.sent = sent;
        }

        @Override
        public String toString() {
            return sent ? text + "!" : text;
        }
    }

    /** A session as the model knows it. */
    private static final class Client {
        long expirySeconds;
        final Map<String, Integer> subscriptions = new TreeMap<>();
        final List<Entry> inFlight = new ArrayList<>();
        final List<Entry> waiting = new ArrayList<>();
        final List<QueuedPublish> taken = new ArrayList<>();

        Client(long expirySeconds) {
            this.expirySeconds = expirySeconds;
        }

        @Override
        public String toString() {
            List<Entry> all = new ArrayList<>(inFlight);
            all.addAll(waiting);
            return expirySeconds + " " + subscriptions + " " + all;
        }
    }

    private static final class Run {
        private final Clocks clocks = new Clocks();
        private FaultyFolder folder = new FaultyFolder();
        private SessionStore store = open();
        private Map<String, Client> clients = new TreeMap<>();
        private Map<String, String> retained = new TreeMap<>();

        /** What may be found: the last moment that was safe, and all since. */
        private final List<String> moments = new ArrayList<>(List.of(moment()));

        private int messages;

        private SessionStore open() {
            return TestSessions.open(folder, clocks, LIMITS, SMALL_BYTES);
        }

        private void apply(Step step) {
            String client = "client-" + step.amount() % CLIENTS;
            switch (step.kind()) {
                case SAVE -> save(client, StoredSession.NEVER - step.amount());
                case DELETE -> {
                    store.delete(client);
                    clients.remove(client);
                }
                case SUBSCRIBE -> subscribe(client, "filter/" + step.amount() % 4, step.amount() % 3);
                case UNSUBSCRIBE -> {
                    store.unsubscribe(client, "filter/" + step.amount() % 4);
                    Optional.ofNullable(clients.get(client))
                            .ifPresent(known -> known.subscriptions.remove("filter/" + step.amount() % 4));
                }
                case ADD -> add(List.of(client), step.amount());
                case ADD_TO_ALL -> add(List.copyOf(clients.keySet()), step.amount());
                case TAKE -> take(client);
                case REMOVE -> remove(client, step.amount());
                case PUT_BACK -> putBack(client);
                case RETAIN -> retain("topic/" + step.amount() % 5, text(step.amount()));
                case CLEAR -> retain("topic/" + step.amount() % 5, "");
                case AWAIT -> await();
                case FAIL_FORCE -> failNextForce();
                case FILL_DISK -> fillDisk(step.amount());
                case CLOSE -> {
                    folder.setFreeBytes(Long.MAX_VALUE);
                    reopen();
                }
                case KILL -> cut(folder.afterKill());
                case POWER_CUT -> cut(folder.afterPowerCut(new Random(step.amount())));
            }
            moments.add(moment());
        }

        private void save(String client, long expirySeconds) {
            store.save(TestSessions.session(client, expirySeconds));
            clients.computeIfAbsent(client, any -> new Client(expirySeconds)).expirySeconds = expirySeconds;
        }

        private void subscribe(String client, String filter, int qos) {
            boolean done =
                    store.subscribe(new StoredSubscription(client, filter, qos, false, false, 0, OptionalInt.empty()));
            Client known = clients.get(client);
            assertThat(done).isEqualTo(known != null);
            if (known != null) {
                known.subscriptions.put(filter, qos);
            }
        }

        private String text(int amount) {
            return messages++ + "-" + "x".repeat(amount % 100);
        }

        private void add(List<String> to, int amount) {
            StoredPublish publish = TestSessions.publish("t", text(amount));
            for (String client : to) {
                store.queue(client).add(publish);
                Client known = clients.get(client);
                if (known == null) {
                    continue;
                }
                boolean full = known.inFlight.size() + known.waiting.size() == QUEUE;
                if (full && !known.waiting.isEmpty()) {
                    known.waiting.remove(0);
                    moments.add(moment());
                }
                if (known.inFlight.size() < QUEUE) {
                    known.waiting.add(new Entry(TestSessions.text(publish), false));
                }
                moments.add(moment());
            }
        }

        private void take(String client) {
            Optional<QueuedPublish> taken = store.queue(client).take();
            Client known = clients.get(client);
            if (known == null || known.waiting.isEmpty()) {
                assertThat(taken).isEmpty();
                return;
            }
            Entry first = known.waiting.remove(0);
            assertThat(taken.map(TestSessions::text)).contains(first.text);
            assertThat(taken.map(QueuedPublish::duplicate)).contains(first.sent);
            first.sent = true;
            known.inFlight.add(first);
            known.taken.add(taken.orElseThrow());
        }

        private void remove(String client, int amount) {
            Client known = clients.get(client);
            if (known != null && !known.inFlight.isEmpty()) {
                int which = amount % known.inFlight.size();
                known.inFlight.remove(which);
                store.queue(client).remove(known.taken.remove(which));
            }
        }

        private void putBack(String client) {
            store.queue(client).putBack();
            Client known = clients.get(client);
            if (known != null) {
                known.waiting.addAll(0, known.inFlight);
                known.inFlight.clear();
                known.taken.clear();
            }
        }

        private void retain(String topic, String text) {
            assertThat(store.retain(TestSessions.publish(topic, text))).isTrue();
            if (text.isEmpty()) {
                retained.remove(topic);
            } else {
                retained.put(topic, text);
            }
        }

        private void await() {
            folder.setFreeBytes(Long.MAX_VALUE);
            // a failed force that nobody has waited for yet makes this fail; the next one waits for the new journal
            boolean safe = TestSessions.safe(store)
                    .orTimeout(30, TimeUnit.SECONDS)
                    .handle((done, failure) -> failure == null)
                    .join();
            if (safe) {
                moments.clear();
                moments.add(moment());
            }
        }

        private void failNextForce() {
            AtomicBoolean failed = new AtomicBoolean();
            folder.onForce(forcing -> {
                if (!failed.getAndSet(true)) {
                    throw new IOException("Input/output error");
                }
            });
        }

        private void fillDisk(int amount) {
            folder.setFreeBytes(amount);
        }

        /** What it holds counts the same before and after. */
        private void reopen() {
            List<Number> held = held(store.stats());
            store.close();
            check(true);
            assertThat(held(store.stats())).isEqualTo(held);
        }

        private static List<Number> held(SessionStats stats) {
            return List.of(
                    stats.sessions(),
                    stats.subscriptions(),
                    stats.queuedMessages(),
                    stats.queuedBytes(),
                    stats.retainedMessages(),
                    stats.retainedBytes(),
                    stats.storedBytes());
        }

        private void cut(FaultyFolder left) {
            SessionStore old = store;
            old.close();
            folder = left;
            check(false);
        }

        /** Opens what is left, looks what is there, and makes that the model. */
        private void check(boolean closed) {
            if (closed) {
                assertThat(folder.current().keySet()).containsExactly(Journal.NAME);
            }
            String expectedLast = moment();
            store = open();
            Map<String, Client> found = new TreeMap<>();
            for (StoredSession session : store.sessions()) {
                found.put(session.clientId(), new Client(session.expirySeconds()));
            }
            for (StoredSubscription subscription : store.subscriptions()) {
                found.get(subscription.clientId()).subscriptions.put(subscription.filter(), subscription.qos());
            }
            found.forEach((id, client) -> {
                SessionQueue queue = store.queue(id);
                for (Optional<QueuedPublish> next = queue.take(); next.isPresent(); next = queue.take()) {
                    client.waiting.add(
                            new Entry(TestSessions.text(next.get()), next.get().duplicate()));
                }
                queue.putBack();
            });
            clients = found;
            retained = TestSessions.retained(store, TopicFilter.of("#"))
                    .collect(Collectors.toMap(StoredPublish::topic, TestSessions::text, (a, b) -> b, TreeMap::new));
            if (closed) {
                assertThat(moment()).isEqualTo(expectedLast);
            } else {
                assertThat(moments).contains(moment());
            }
            assertThat(folder.names()).noneMatch(name -> name.contains("unreadable"));
            clients.values().forEach(client -> client.waiting.forEach(entry -> entry.sent = true));
            SessionStats stats = store.stats();
            assertThat(stats.queuedMessages())
                    .isEqualTo(clients.values().stream()
                            .mapToLong(client -> client.waiting.size())
                            .sum());
            assertThat(stats.dropped()).containsEntry(QueueLoss.UNREADABLE, 0L);
            moments.clear();
            moments.add(moment());
            // opening has not forced what a kill left unforced: a power cut may still take it
            TestSessions.awaitSafe(store);
        }

        private String moment() {
            return clients + " " + retained;
        }

        private void finish() {
            folder.setFreeBytes(Long.MAX_VALUE);
            reopen();
            store.close();
        }
    }
}
