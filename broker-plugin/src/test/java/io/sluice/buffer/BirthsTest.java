package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.read;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.file.FaultyFolder;
import io.sluice.message.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The buffer remembers which metrics edge nodes and devices of Sparkplug B have named. */
@Timeout(120)
class BirthsTest {

    private static final String NODE = "spBv1.0/plant/NBIRTH/press";
    private static final String DEVICE = "spBv1.0/plant/DBIRTH/press/robot";

    private static final BufferConfig CONFIG =
            new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 1024, Duration.ZERO, Duration.ofDays(7));

    private static void publish(SharedBuffer buffer, String topic, String payload) {
        append(buffer, message("edge", topic, payload)).awaitSafe();
    }

    /** Several segments of what is no birth. */
    private static void fill(SharedBuffer buffer) {
        for (int i = 0; i < 60; i++) {
            publish(buffer, "spBv1.0/plant/NDATA/press", "data " + i);
        }
    }

    private static String birth(Attachment consumer, String topic, long before) {
        return consumer.birth(topic, before)
                .map(found -> TestMessages.text(found) + " at " + found.position())
                .orElse("none");
    }

    /** Acknowledges all, and waits until the log begins behind a position. */
    private static void trim(SharedBuffer buffer, Attachment consumer, long behind) throws Exception {
        read(consumer, (int) (consumer.end() - consumer.acknowledged().at(0) - 1));
        consumer.acknowledge(LanePositions.all(consumer.end() - 1));
        await().until(() -> buffer.stats().start() > behind);
    }

    @Test
    void the_latest_birth_before_a_position_is_found_and_no_later_one() {
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder());
                Attachment consumer = attach(buffer, spec("c"))) {
            publish(buffer, NODE, "first");
            publish(buffer, DEVICE, "robot");
            publish(buffer, "spBv1.0/plant/NDATA/press", "data");
            publish(buffer, NODE, "second");

            assertThat(birth(consumer, NODE, 0)).isEqualTo("none");
            assertThat(birth(consumer, NODE, 1)).isEqualTo("first at 0");
            assertThat(birth(consumer, NODE, 3)).isEqualTo("first at 0");
            assertThat(birth(consumer, NODE, 4)).isEqualTo("second at 3");
            assertThat(birth(consumer, DEVICE, 4)).isEqualTo("robot at 1");
            assertThat(birth(consumer, "spBv1.0/plant/NBIRTH/other", 4)).isEqualTo("none");
            assertThat(buffer.stats().births()).isEqualTo(3);
        }
    }

    @Test
    void what_is_no_birth_is_not_remembered() {
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder())) {
            buffer.attach(spec("c"));
            for (String topic : List.of(
                    "spBv1.0/plant/NDATA/press",
                    "spBv1.0/plant/NBIRTH/press/robot",
                    "spBv1.0/plant/DBIRTH/press",
                    "spBv1.0/NBIRTH/NBIRTH/",
                    "spBv1.0//NBIRTH/press",
                    "spBv1.0/STATE/NBIRTH",
                    "spBv1.0/" + "g".repeat(2000) + "/NBIRTH/press",
                    "a/b")) {
                publish(buffer, topic, "x");
            }
            assertThat(buffer.stats().births()).isZero();
        }
    }

    @Test
    void births_are_known_after_a_restart_and_after_their_segments_are_gone() throws Exception {
        FaultyFolder folder = new FaultyFolder();
        try (SharedBuffer buffer = TestMessages.open(CONFIG, folder)) {
            buffer.attach(spec("c"));
            publish(buffer, NODE, "first");
            publish(buffer, DEVICE, "robot");
            fill(buffer);
            publish(buffer, NODE, "second");
            fill(buffer);
        }
        folder = new FaultyFolder(folder.safe());
        try (SharedBuffer buffer = TestMessages.open(CONFIG, folder);
                Attachment consumer = attach(buffer, spec("c"))) {
            assertThat(birth(consumer, NODE, 20)).isEqualTo("first at 0");
            assertThat(birth(consumer, NODE, 80)).isEqualTo("second at 62");
            trim(buffer, consumer, 100);
            assertThat(birth(consumer, NODE, 120)).isEqualTo("second at 62");
            assertThat(birth(consumer, DEVICE, 120)).isEqualTo("robot at 1");
            // the first is of no use any more, once the segment that held it is gone
            await().until(() -> buffer.stats().births() == 2);
        }
        folder = new FaultyFolder(folder.safe());
        try (SharedBuffer buffer = TestMessages.open(CONFIG, folder);
                Attachment consumer = attach(buffer, spec("c"))) {
            fill(buffer);
            assertThat(birth(consumer, NODE, 150)).isEqualTo("second at 62");
            assertThat(birth(consumer, DEVICE, 150)).isEqualTo("robot at 1");
        }
    }

    @Test
    void a_killed_process_leaves_the_births_of_its_last_segments_without_their_file() {
        FaultyFolder folder = new FaultyFolder();
        try (SharedBuffer buffer = TestMessages.open(CONFIG, folder)) {
            buffer.attach(spec("c"));
            publish(buffer, NODE, "first");
            fill(buffer);
            publish(buffer, DEVICE, "robot");
            Map<String, byte[]> left = new TreeMap<>(folder.safe());
            left.remove("births");
            try (SharedBuffer again = TestMessages.open(CONFIG, new FaultyFolder(left));
                    Attachment consumer = attach(again, spec("c"))) {
                assertThat(birth(consumer, NODE, 30)).isEqualTo("first at 0");
                assertThat(birth(consumer, DEVICE, 62)).isEqualTo("robot at 61");
            }
        }
    }

    @Test
    void a_buffer_in_memory_remembers_births_too() throws Exception {
        BufferConfig inMemory =
                new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 1024, Duration.ZERO, Duration.ofDays(7));
        try (SharedBuffer buffer = SharedBuffer.open(inMemory);
                Attachment consumer = attach(buffer, spec("c"))) {
            publish(buffer, NODE, "first");
            fill(buffer);
            trim(buffer, consumer, 30);
            assertThat(birth(consumer, NODE, 60)).isEqualTo("first at 0");
        }
    }

    @Test
    void the_file_of_a_folder_on_the_disk_is_read_again(@TempDir Path dir) throws Exception {
        BufferConfig config = new BufferConfig(
                Optional.of(dir.resolve("buffer")), 1 << 20, Overflow.BLOCK, 1024, Duration.ZERO, Duration.ofDays(7));
        try (SharedBuffer buffer = SharedBuffer.open(config);
                Attachment consumer = attach(buffer, spec("c"))) {
            publish(buffer, NODE, "first");
            fill(buffer);
            trim(buffer, consumer, 30);
            assertThat(birth(consumer, NODE, 60)).isEqualTo("first at 0");
        }
        assertThat(dir.resolve("buffer/births")).exists();
        try (SharedBuffer buffer = SharedBuffer.open(config);
                Attachment consumer = attach(buffer, spec("c"))) {
            assertThat(birth(consumer, NODE, 60)).isEqualTo("first at 0");
        }
    }

    @Test
    void a_damaged_file_is_set_aside_and_what_the_log_holds_is_found_all_the_same() throws Exception {
        FaultyFolder folder = new FaultyFolder();
        try (SharedBuffer buffer = TestMessages.open(CONFIG, folder);
                Attachment consumer = attach(buffer, spec("c"))) {
            publish(buffer, NODE, "first");
            fill(buffer);
            trim(buffer, consumer, 30);
            publish(buffer, DEVICE, "robot");
            fill(buffer);
        }
        byte[] intact = folder.safe().get("births");
        assertThat(intact).isNotNull();
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            Map<String, byte[]> disk = new TreeMap<>(folder.safe());
            byte[] damaged = intact.clone();
            if (round % 4 == 0) {
                damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
            } else {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            disk.put("births", damaged);
            FaultyFolder broken = new FaultyFolder(disk);
            try (SharedBuffer buffer = TestMessages.open(CONFIG, broken);
                    Attachment consumer = attach(buffer, spec("c"))) {
                assertThat(birth(consumer, DEVICE, 100)).as("round %d", round).isEqualTo("robot at 61");
                assertThat(birth(consumer, NODE, 100)).as("round %d", round).isIn("first at 0", "none");
            }
        }
    }

    @Test
    void births_stay_known_while_a_full_disk_does_not_take_their_file() throws Exception {
        FaultyFolder folder = new FaultyFolder();
        try (SharedBuffer buffer = TestMessages.open(CONFIG, folder);
                Attachment consumer = attach(buffer, spec("c"))) {
            publish(buffer, NODE, "first");
            folder.failWritesTo(name -> name.startsWith("births"));
            fill(buffer);
            trim(buffer, consumer, 30);
            assertThat(birth(consumer, NODE, 60)).isEqualTo("first at 0");
            folder.failWritesTo(name -> false);
            await().until(() -> folder.safe().containsKey("births"));
            assertThat(birth(consumer, NODE, 60)).isEqualTo("first at 0");
        }
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(folder.safe()));
                Attachment consumer = attach(buffer, spec("c"))) {
            assertThat(birth(consumer, NODE, 60)).isEqualTo("first at 0");
        }
    }

    @Test
    void births_that_go_with_one_segment_are_read_together() throws Exception {
        BufferConfig large =
                new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 1 << 16, Duration.ZERO, Duration.ofDays(7));
        FaultyFolder folder = new FaultyFolder();
        try (SharedBuffer buffer = TestMessages.open(large, folder);
                Attachment consumer = attach(buffer, spec("c"))) {
            for (int node = 0; node < 200; node++) {
                publish(buffer, NODE + node, "birth " + node);
            }
            for (int i = 0; i < 10; i++) {
                publish(buffer, "t", "x".repeat(20_000));
            }
            read(consumer, 210);
            AtomicLong reads = new AtomicLong();
            folder.failReadsFrom(name -> {
                reads.addAndGet(name.endsWith(".log") ? 1 : 0);
                return false;
            });
            consumer.acknowledge(LanePositions.all(209));
            await().until(() -> buffer.stats().start() > 200);

            assertThat(reads).as("of segments").hasValueLessThan(10);
            assertThat(birth(consumer, NODE + 0, 210)).isEqualTo("birth 0 at 0");
            assertThat(birth(consumer, NODE + 199, 210)).isEqualTo("birth 199 at 199");
        }
    }

    @Test
    void a_client_with_births_without_end_pushes_out_its_own_and_nobody_elses() throws Exception {
        FaultyFolder folder = new FaultyFolder();
        BufferConfig large =
                new BufferConfig(Optional.empty(), 1 << 26, Overflow.BLOCK, 1 << 22, Duration.ZERO, Duration.ofDays(7));
        try (SharedBuffer buffer = TestMessages.open(large, folder);
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("quiet", NODE, "quiet")).awaitSafe();
            List<Message> endless = new ArrayList<>();
            for (int node = 0; node < 60_000; node++) {
                endless.add(message("endless", NODE + node, "n"));
            }
            TestMessages.appendAll(buffer, endless.subList(0, 59_999));
            append(buffer, endless.get(59_999)).awaitSafe();
            long end = consumer.end();

            assertThat(buffer.stats().forgottenBirths()).isPositive();
            assertThat(birth(consumer, NODE, end)).isEqualTo("quiet at 0");
            assertThat(birth(consumer, NODE + 0, end)).isEqualTo("none");
            assertThat(birth(consumer, NODE + 59_999, end)).isEqualTo("n at 60000");
        }
        try (SharedBuffer buffer = TestMessages.open(large, new FaultyFolder(folder.safe()));
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("endless", NODE + "more", "n")).awaitSafe();
            assertThat(birth(consumer, NODE, consumer.end()))
                    .as("also when births were read from the file")
                    .isEqualTo("quiet at 0");
        }
    }

    @Test
    void a_fault_while_births_are_kept_costs_their_names_and_not_the_space_of_their_segments() throws Exception {
        FaultyFolder folder = new FaultyFolder();
        try (SharedBuffer buffer = TestMessages.open(CONFIG, folder);
                Attachment consumer = attach(buffer, spec("c"))) {
            publish(buffer, NODE, "first");
            fill(buffer);
            read(consumer, 61);
            folder.failReadsFrom(name -> {
                throw new InternalError("a fault in mapped memory");
            });
            consumer.acknowledge(LanePositions.all(consumer.end() - 1));
            await().until(() -> buffer.stats().start() > 30);
            folder.failReadsFrom(name -> false);

            assertThat(birth(consumer, NODE, 60)).isEqualTo("none");
            publish(buffer, NODE, "second");
            fill(buffer);
            trim(buffer, consumer, 90);
            assertThat(birth(consumer, NODE, 120)).isEqualTo("second at 61");
        }
    }

    /** What a crash at one moment leaves, the last birth that was safe, and what was acknowledged by then. */
    private record Moment(Map<String, byte[]> disk, long birth, long acknowledged) {}

    @Test
    void no_crash_makes_the_buffer_forget_a_birth_that_a_reader_may_need() throws Exception {
        FaultyFolder folder = new FaultyFolder();
        List<Moment> moments = new ArrayList<>();
        TreeSet<Long> births = new TreeSet<>();
        AtomicLong safeBirth = new AtomicLong(-1);
        AtomicLong acknowledged = new AtomicLong(-1);
        Random random = new Random(7);
        try (SharedBuffer buffer = TestMessages.open(CONFIG, folder);
                Attachment consumer = attach(buffer, spec("c"))) {
            folder.afterEachStep(() -> {
                moments.add(new Moment(folder.safe(), safeBirth.get(), acknowledged.get()));
                moments.add(new Moment(folder.current(), safeBirth.get(), acknowledged.get()));
            });
            long position = 0;
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 40; i++, position++) {
                    boolean isBirth = random.nextInt(15) == 0;
                    publish(buffer, isBirth ? NODE : "spBv1.0/plant/NDATA/press", "m" + position);
                    if (isBirth) {
                        safeBirth.set(position);
                        births.add(position);
                    }
                }
                read(consumer, 40);
                acknowledged.set(position - 10);
                consumer.acknowledge(LanePositions.all(position - 10));
                long before = buffer.stats().start();
                await().until(() -> buffer.stats().start() > before);
            }
        }
        assertThat(moments).hasSizeGreaterThan(400);
        for (int i = 0; i < moments.size(); i++) {
            Moment moment = moments.get(i);
            try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(moment.disk()));
                    Attachment consumer = attach(buffer, spec("c"))) {
                assertThat(consumer.birth(NODE, Long.MAX_VALUE)
                                .map(found -> found.position())
                                .orElse(-1L))
                        .as("moment %d", i)
                        .isGreaterThanOrEqualTo(moment.birth());
                long next = consumer.acknowledged().at(0) + 1;
                assertThat(consumer.birth(NODE, next).map(found -> found.position()))
                        .as("moment %d", i)
                        .isEqualTo(Optional.ofNullable(births.lower(next)));
            }
        }
    }
}
