package io.sluice.assembly;

import static io.sluice.assembly.SoakSite.EMBEDDED;
import static io.sluice.assembly.SoakSite.REMOTE;
import static io.sluice.assembly.SoakSite.awaitThat;

import io.sluice.testkit.ConnectWorker;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;

/** What fails, or is changed, while the fleets publish; each returns when it is over and says what was seen. */
final class SoakFaults {

    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String SMALL_RECORDS = "3000";

    /** How much is acknowledged or withheld meanwhile, before a fault is mended. */
    private static final int MEANWHILE = 300;

    private final SoakSite site;
    private final SoakAccount account;
    private final SoakReader reader;
    private final SoakCounters counters;
    private final Admin admin;
    private int kills;

    /** @param name what an operator would call it */
    record Fault(String name, Action action) {}

    /** What happens. */
    interface Action {
        /** Lets it happen; returns what was seen. */
        String happen() throws Exception;
    }

    SoakFaults(SoakSite site, SoakAccount account, SoakReader reader, SoakCounters counters, Admin admin) {
        this.site = site;
        this.account = account;
        this.reader = reader;
        this.counters = counters;
        this.admin = admin;
    }

    /** All of them, in the order in which they happen. */
    List<Fault> all() {
        return List.of(
                new Fault("a worker of the group is killed", this::killWorker),
                new Fault("the certificate is renewed", this::renewCertificate),
                new Fault("the disk of the embedded broker is filled", this::fillDisk),
                new Fault("the topic gets another partition", this::addPartition),
                new Fault("the standalone broker is killed", this::killBroker),
                new Fault("the topic takes small records only", this::lowerLimit),
                new Fault("the network to the standalone broker is cut", this::cutNetwork),
                new Fault("the worker with the embedded broker is killed", this::killEmbedded),
                new Fault("a topic is deleted", this::deleteTopic));
    }

    private String killWorker() {
        ConnectWorker worker = kills++ % 2 == 0 ? site.first() : site.second();
        counters.look();
        worker.kill();
        worker.start();
        return worker == site.first() ? SoakSite.FIRST_WORKER : SoakSite.SECOND_WORKER;
    }

    private String killEmbedded() {
        counters.look();
        site.embedded().kill();
        site.embedded().start();
        return "SIGKILL, started again";
    }

    private String killBroker() throws Exception {
        counters.look();
        site.broker().kill();
        site.broker().start();
        return "SIGKILL, started again";
    }

    private String renewCertificate() throws Exception {
        BigInteger serial = site.certificate().renew();
        awaitThat(
                PATIENCE, () -> site.certificate().shownAt(site.embeddedPort()).equals(serial));
        return "new devices see it";
    }

    private String fillDisk() throws Exception {
        if (site.disk().isEmpty()) {
            return "NOT DONE: this user may not mount a file system";
        }
        SmallDisk disk = site.disk().get();
        try {
            awaitThat(PATIENCE, () -> {
                disk.fill();
                return counters.value(EMBEDDED, "sluice_buffer_stalled") > 0;
            });
            long published = published();
            awaitThat(PATIENCE, () -> {
                disk.fill();
                return published() >= published + MEANWHILE;
            });
        } finally {
            disk.free();
        }
        awaitThat(PATIENCE, () -> counters.value(EMBEDDED, "sluice_buffer_stalled") == 0);
        return "the buffer stood still, and writes again";
    }

    private long published() {
        return account.counts(source -> source.broker().equals(EMBEDDED)).published();
    }

    private String addPartition() throws Exception {
        int more = reader.partitions(SoakSite.RAW).size() + 1;
        admin.createPartitions(Map.of(SoakSite.RAW, NewPartitions.increaseTo(more)))
                .all()
                .get(1, TimeUnit.MINUTES);
        awaitThat(PATIENCE, () -> reader.partitions(SoakSite.RAW).size() == more);
        return more + " partitions";
    }

    private String lowerLimit() throws Exception {
        long before = deadSized();
        limit(OpType.SET);
        try {
            awaitThat(PATIENCE, () -> deadSized() > before);
        } finally {
            limit(OpType.DELETE);
        }
        return deadSized() - before + " larger ones became dead letters until it was raised again";
    }

    private long deadSized() {
        return account.counts(source -> source.kind() == SoakKind.SIZED).deadLetters();
    }

    private void limit(OpType change) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, SoakSite.SIZED);
        admin.incrementalAlterConfigs(Map.of(
                        topic, List.of(new AlterConfigOp(new ConfigEntry("max.message.bytes", SMALL_RECORDS), change))))
                .all()
                .get(1, TimeUnit.MINUTES);
    }

    private String cutNetwork() throws Exception {
        site.broker().network().cut();
        long before = account.acknowledgedBy(REMOTE);
        awaitThat(PATIENCE, () -> account.acknowledgedBy(REMOTE) > before + MEANWHILE);
        site.broker().network().mend();
        return "devices were acknowledged meanwhile";
    }

    private String deleteTopic() throws Exception {
        Map<SoakStream, Integer> published = account.published(SoakKind.DELETED);
        awaitThat(
                PATIENCE,
                () -> published.entrySet().stream()
                        .allMatch(stream -> stream.getKey().source().qos() == 0
                                || stream.getKey().firstOpen() >= stream.getValue()));
        Uuid old = topicId();
        Map<SoakStream, Integer> before = new HashMap<>();
        published.keySet().forEach(stream -> before.put(stream, stream.firstOpen()));
        reader.leave(SoakSite.DELETED);
        admin.deleteTopics(List.of(SoakSite.DELETED)).all().get(1, TimeUnit.MINUTES);
        awaitThat(PATIENCE, () -> !topicId().equals(old));
        long arrived = account.counts(SoakFaults::isDeleted).records();
        reader.readAgain(SoakSite.DELETED);
        awaitThat(PATIENCE, () -> account.counts(SoakFaults::isDeleted).records() > arrived + MEANWHILE / 10);
        account.published(SoakKind.DELETED)
                .forEach((stream, now) -> stream.deleted(before.getOrDefault(stream, 0), now));
        return account.counts(SoakFaults::isDeleted).deleted() + " acknowledged messages were in it unread, until now";
    }

    private static boolean isDeleted(SoakStream.Source source) {
        return source.kind() == SoakKind.DELETED;
    }

    private Uuid topicId() throws Exception {
        return admin.describeTopics(List.of(SoakSite.DELETED))
                .topicNameValues()
                .get(SoakSite.DELETED)
                .get(10, TimeUnit.SECONDS)
                .topicId();
    }
}
