package io.sluice.broker.session;

import static io.sluice.broker.session.TestSessions.awaitSafe;
import static io.sluice.broker.session.TestSessions.drain;
import static io.sluice.broker.session.TestSessions.publish;
import static io.sluice.broker.session.TestSessions.session;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.session.TestSessions.Clocks;
import io.sluice.file.FaultyFolder;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store opens whatever its files hold. */
@Timeout(60)
class DamagedJournalTest {

    private static final String ASIDE = Journal.NAME + ".unreadable-1";
    private static final int SESSIONS = 50;

    private final Clocks clocks = new Clocks();

    /** A journal of fifty sessions with a message each, every one forced before the next. */
    private byte[] journal() {
        FaultyFolder folder = new FaultyFolder();
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            for (int i = 0; i < SESSIONS; i++) {
                store.save(session("client-" + i));
                store.queue("client-" + i).add(publish("t", "m" + i));
                awaitSafe(store);
            }
        }
        return folder.current().get(Journal.NAME);
    }

    private static FaultyFolder with(String name, byte[] bytes) {
        return new FaultyFolder(Map.of(name, bytes));
    }

    private int sessionsAfterOpening(FaultyFolder folder) {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            List<StoredSession> sessions = store.sessions();
            for (StoredSession session : sessions) {
                int number = Integer.parseInt(session.clientId().substring("client-".length()));
                List<String> texts = drain(store.queue(session.clientId()));
                if (number < sessions.size() - 1) {
                    assertThat(texts).containsExactly("m" + number);
                } else {
                    assertThat(List.of("m" + number)).containsAll(texts);
                }
            }
            store.save(session("new"));
            awaitSafe(store);
        }
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            assertThat(store.sessions())
                    .extracting(StoredSession::clientId)
                    .as("the store goes on after it was opened")
                    .contains("new");
            return store.sessions().size() - 1;
        }
    }

    @Test
    void a_journal_without_damage_is_gone_on_with() {
        FaultyFolder folder = with(Journal.NAME, journal());
        assertThat(sessionsAfterOpening(folder)).isEqualTo(SESSIONS);
        assertThat(folder.names()).containsExactly(Journal.NAME);
    }

    @Test
    void a_bit_that_has_turned_in_the_middle_costs_what_comes_behind_it_and_the_file_is_kept() {
        byte[] journal = journal();
        byte[] damaged = journal.clone();
        // A turned bit in the zeros between two records would harm nobody.
        damaged[new String(journal, StandardCharsets.ISO_8859_1).indexOf("client-" + SESSIONS / 2)] ^= 1;
        FaultyFolder folder = with(Journal.NAME, damaged);
        assertThat(sessionsAfterOpening(folder)).isEqualTo(SESSIONS / 2);
        assertThat(folder.current()).containsEntry(ASIDE, damaged);
    }

    @Test
    void a_tail_that_a_crash_has_torn_is_cut_off_wherever_it_was_torn() {
        byte[] journal = journal();
        for (int cut = journal.length - 400; cut < journal.length; cut++) {
            FaultyFolder folder = with(Journal.NAME, Arrays.copyOf(journal, cut));
            assertThat(sessionsAfterOpening(folder)).as("cut at %d", cut).isBetween(SESSIONS - 4, SESSIONS);
            assertThat(folder.names()).as("cut at %d", cut).containsExactly(Journal.NAME);
        }
    }

    @Test
    void zeros_behind_the_end_are_cut_off() {
        byte[] journal = journal();
        FaultyFolder folder = with(Journal.NAME, Arrays.copyOf(journal, journal.length + 5_000));
        assertThat(sessionsAfterOpening(folder)).isEqualTo(SESSIONS);
        assertThat(folder.names()).containsExactly(Journal.NAME);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 9, 11, 13, 17})
    void a_file_that_does_not_begin_as_a_journal_of_this_version_is_kept_and_a_new_one_begun(int where) {
        byte[] damaged = journal();
        damaged[where] ^= 1;
        FaultyFolder folder = with(Journal.NAME, damaged);
        assertThat(sessionsAfterOpening(folder)).isZero();
        assertThat(folder.current()).containsEntry(ASIDE, damaged);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 23, 24, 60})
    void a_file_that_ends_before_it_has_begun_is_kept(int size) {
        FaultyFolder folder = with(Journal.NAME, Arrays.copyOf(journal(), size));
        assertThat(sessionsAfterOpening(folder)).isZero();
        assertThat(folder.names()).contains(ASIDE);
    }

    @Test
    void each_unreadable_file_gets_a_name_of_its_own() {
        Map<String, byte[]> disk = new TreeMap<>();
        disk.put(Journal.NAME, new byte[100]);
        disk.put(ASIDE, new byte[1]);
        FaultyFolder folder = new FaultyFolder(disk);
        assertThat(sessionsAfterOpening(folder)).isZero();
        assertThat(folder.current())
                .containsEntry(ASIDE, new byte[1])
                .containsEntry(Journal.NAME + ".unreadable-2", new byte[100]);
    }

    @Test
    void a_new_journal_takes_the_place_of_one_that_was_set_aside_also_if_the_machine_stopped_in_between() {
        FaultyFolder folder = new FaultyFolder(Map.of(ASIDE, new byte[100], Journal.NEW_NAME, journal()));
        assertThat(sessionsAfterOpening(folder)).isEqualTo(SESSIONS);
        assertThat(folder.names()).containsExactlyInAnyOrder(ASIDE, Journal.NAME);
    }

    @Test
    void a_new_journal_that_was_not_finished_is_none() {
        byte[] journal = journal();
        FaultyFolder folder = with(Journal.NEW_NAME, Arrays.copyOf(journal, 80));
        assertThat(sessionsAfterOpening(folder)).isZero();
        FaultyFolder both = new FaultyFolder(Map.of(Journal.NAME, journal, Journal.NEW_NAME, new byte[10]));
        assertThat(sessionsAfterOpening(both)).isEqualTo(SESSIONS);
        assertThat(both.names()).containsExactly(Journal.NAME);
    }

    @Test
    void a_disk_that_cannot_be_read_costs_the_sessions_and_not_the_start() {
        FaultyFolder folder = with(Journal.NAME, journal());
        folder.failReadsFrom(Journal.NAME::equals);
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            assertThat(store.sessions()).isEmpty();
            assertThat(folder.names()).contains(ASIDE);
        }
    }

    @Test
    void a_payload_that_holds_a_journal_cannot_pass_for_groups_behind_a_torn_one() {
        byte[] payload = journal();
        FaultyFolder folder = new FaultyFolder();
        byte[] torn;
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(session("client-0"));
            awaitSafe(store);
            store.queue("client-0")
                    .add(new StoredPublish(
                            "t",
                            Qos.AT_LEAST_ONCE,
                            false,
                            OptionalLong.empty(),
                            PublishProperties.NONE,
                            ByteBuffer.wrap(payload)));
            awaitSafe(store);
            torn = folder.current().get(Journal.NAME);
        }
        torn[torn.length - payload.length / 2] ^= 1;
        FaultyFolder left = with(Journal.NAME, torn);
        try (SessionStore store = TestSessions.open(left, clocks)) {
            assertThat(store.sessions()).hasSize(1);
            assertThat(left.names()).containsExactly(Journal.NAME);
        }
    }

    @Test
    void a_message_that_is_damaged_on_disk_costs_that_message(@TempDir Path dir) throws Exception {
        try (SessionStore store = TestSessions.onDisk(dir)) {
            store.save(session("c"));
            store.queue("c").add(publish("t", "one"));
            store.queue("c").add(publish("t", "DAMAGED"));
            store.queue("c").add(publish("t", "three"));
            store.retain(publish("r", "DAMAGED"));
            awaitSafe(store);
            spoil(dir.resolve(Journal.NAME), "DAMAGED");
            assertThat(drain(store.queue("c"))).containsExactly("one", "three");
            assertThat(TestSessions.retained(store, "#")).isEmpty();
            assertThat(store.stats().dropped()).containsEntry(QueueLoss.UNREADABLE, 2L);
        }
    }

    /** Turns a letter wherever a word stands in a file. */
    private static void spoil(Path file, String word) throws IOException {
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int at = content.indexOf(word); at >= 0; at = content.indexOf(word, at + 1)) {
                channel.write(ByteBuffer.wrap(new byte[] {'X'}), at);
            }
        }
    }
}
