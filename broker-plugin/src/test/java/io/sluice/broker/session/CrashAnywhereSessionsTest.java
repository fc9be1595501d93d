package io.sluice.broker.session;

import static io.sluice.broker.session.TestSessions.awaitSafe;
import static io.sluice.broker.session.TestSessions.drain;
import static io.sluice.broker.session.TestSessions.publish;
import static io.sluice.broker.session.TestSessions.safe;
import static io.sluice.broker.session.TestSessions.session;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.session.TestSessions.Clocks;
import io.sluice.file.FaultyFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A crash after any single step on the disk: appending, writing the journal anew, opening. */
@Timeout(120)
class CrashAnywhereSessionsTest {

    private static final int COUNT = 200;

    /** What a crash at one moment leaves, and what had been promised by then. */
    private record Moment(Map<String, byte[]> disk, int safeTo, int removedTo, boolean anew) {}

    private final Clocks clocks = new Clocks();
    private final AtomicInteger safeTo = new AtomicInteger();
    private final AtomicInteger removedTo = new AtomicInteger();
    private final List<Moment> moments = new ArrayList<>();

    private void watch(FaultyFolder folder) {
        folder.afterEachStep(() -> {
            boolean anew = folder.names().contains(Journal.NEW_NAME);
            moments.add(new Moment(folder.current(), safeTo.get(), removedTo.get(), anew));
            moments.add(new Moment(folder.safe(), safeTo.get(), removedTo.get(), anew));
        });
    }

    /** Numbers go through a queue, while the topic {@code r} has the last one and a session is saved for each ten. */
    private void run(FaultyFolder folder) {
        try (SessionStore store = TestSessions.open(folder, clocks, SessionLimits.DEFAULT, 2_000)) {
            store.save(session("c"));
            awaitSafe(store);
            watch(folder);
            SessionQueue queue = store.queue("c");
            for (int i = 1; i <= COUNT; i++) {
                StoredPublish publish = publish("r", "" + i);
                queue.add(publish);
                store.retain(publish);
                store.save(session("s" + i % 10, i));
                awaitSafe(store);
                safeTo.set(i);
                if (i % 4 == 0) {
                    for (int taken = 0; taken < 4; taken++) {
                        queue.remove(queue.take().orElseThrow());
                    }
                    awaitSafe(store);
                    removedTo.set(i);
                }
            }
        }
    }

    @Test
    void leaves_everything_that_was_safe_and_brings_nothing_back() {
        run(new FaultyFolder());
        assertThat(moments).hasSizeGreaterThan(1_000);
        assertThat(moments.stream().filter(Moment::anew)).hasSizeGreaterThan(100);
        for (int i = 0; i < moments.size(); i++) {
            check(moments.get(i), new FaultyFolder(moments.get(i).disk()), i);
        }
    }

    @Test
    void while_it_is_opened_leaves_the_same() {
        run(new FaultyFolder());
        List<Moment> all = List.copyOf(moments);
        for (int i = 0; i < all.size(); i += 37) {
            Moment moment = all.get(i);
            moments.clear();
            safeTo.set(moment.safeTo());
            removedTo.set(moment.removedTo());
            FaultyFolder folder = new FaultyFolder(moment.disk());
            watch(folder);
            TestSessions.open(folder, clocks, SessionLimits.DEFAULT, 2_000).close();
            for (Moment opening : List.copyOf(moments)) {
                check(opening, new FaultyFolder(opening.disk()), i);
            }
        }
    }

    @Test
    void after_the_name_of_a_new_journal_was_given_and_not_forced_leaves_that_journal() {
        FaultyFolder folder = new FaultyFolder();
        AtomicBoolean anew = new AtomicBoolean();
        AtomicReference<FaultyFolder> left = new AtomicReference<>();
        try (SessionStore store = TestSessions.open(folder, clocks, SessionLimits.DEFAULT, 2_000)) {
            folder.afterEachStep(() -> {
                boolean is = folder.names().contains(Journal.NEW_NAME);
                if (anew.getAndSet(is) && !is && left.get() == null) {
                    left.set(folder.afterKill());
                }
            });
            for (int i = 0; left.get() == null; i++) {
                store.save(session("c", i));
                safe(store).handle((done, failure) -> failure == null).join();
            }
        }
        FaultyFolder killed = left.get();
        try (SessionStore store = TestSessions.open(killed, clocks)) {
            store.save(session("safe"));
            awaitSafe(store);
            try (SessionStore found = TestSessions.open(new FaultyFolder(killed.safe()), clocks)) {
                assertThat(found.sessions()).extracting(StoredSession::clientId).contains("safe");
            }
        }
    }

    private void check(Moment moment, FaultyFolder left, int i) {
        try (SessionStore store = TestSessions.open(left, clocks)) {
            List<Integer> numbers =
                    drain(store.queue("c")).stream().map(Integer::valueOf).toList();
            int next = moment.removedTo() + 1;
            if (!numbers.isEmpty()) {
                assertThat(numbers.get(0)).as("moment %d", i).isBetween(next, moment.safeTo() + 1);
                next = numbers.get(0);
            }
            for (int number : numbers) {
                assertThat(number).as("moment %d", i).isEqualTo(next++);
            }
            if (moment.safeTo() % 4 != 0) {
                assertThat(next).as("moment %d", i).isGreaterThan(moment.safeTo());
            }
            List<String> retained = TestSessions.retained(store, "r");
            int last = retained.isEmpty() ? 0 : Integer.parseInt(retained.get(0).substring("r=".length()));
            assertThat(last).as("moment %d", i).isBetween(moment.safeTo(), moment.safeTo() + 1);
            assertThat(store.sessions())
                    .as("moment %d", i)
                    .hasSizeGreaterThanOrEqualTo(1 + Math.min(10, moment.safeTo()));
            assertThat(left.names()).as("moment %d", i).noneMatch(name -> name.contains("unreadable"));
        }
    }
}
