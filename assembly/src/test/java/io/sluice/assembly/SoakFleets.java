package io.sluice.assembly;

import static org.awaitility.Awaitility.await;

import io.sluice.tools.bench.BenchCounts;
import io.sluice.tools.bench.BenchLoad;
import io.sluice.tools.bench.Fleet;
import io.sluice.tools.bench.PublishLoad;
import io.sluice.tools.mqtt.BrokerAddress;
import io.sluice.tools.mqtt.MqttLogin;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.awaitility.core.ConditionTimeoutException;

/** The fleets of {@code sluice bench}, about four hundred messages a second at two brokers. */
final class SoakFleets {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** They are stopped before. */
    private static final Duration LONGEST = Duration.ofDays(7);

    /** What a device publishes, by how often in 200 messages; the rest is {@link SoakKind#RAW}. */
    private static final Map<SoakKind, Integer> REMOTE = Map.of(
            SoakKind.JSON, 40,
            SoakKind.NOT_JSON, 1,
            SoakKind.NAMED, 20,
            SoakKind.NAME_NOT_ALLOWED, 1,
            SoakKind.TOO_LARGE, 1,
            SoakKind.RULE_TAKES, 10,
            SoakKind.RULE_LEAVES_OUT, 10,
            SoakKind.NOT_WANTED, 4,
            SoakKind.NOT_AUTHORIZED, 1);

    private static final Map<SoakKind, Integer> EMBEDDED = Map.of(
            SoakKind.DELETED, 20,
            SoakKind.TOO_LARGE, 1,
            SoakKind.NOT_WANTED, 4,
            SoakKind.NOT_AUTHORIZED, 1);

    private static final int TURNS = 200;

    private final SoakAccount account;
    private final List<Running> fleets = new ArrayList<>();

    private record Running(String name, PublishLoad load, Thread thread) {}

    SoakFleets(SoakAccount account) {
        this.account = account;
    }

    /** Starts those of the standalone broker. */
    void startRemote(int port) {
        Site site = new Site(SoakSite.REMOTE, true, login("mqtt://127.0.0.1:" + port, Optional.empty()), turns(REMOTE));
        for (int qos = 0; qos <= 2; qos++) {
            start(site, "steady", Fleet.steady(8, 30), 8, qos);
        }
        start(site, "sensors", Fleet.sensors(10, 5), 10, 1);
        start(site, "gateways", Fleet.gateways(4, 50), 4, 2);
        start(site, "bridges", Fleet.bridges(2, 25), 2, 1);
        start(site, "flapping", Fleet.flapping(4, 20), 4, 1);
        start(site, "flapping", Fleet.flapping(6, 40), 6, 2);
        Site sized = new Site(site.broker(), site.exactlyOnce(), site.login(), List.of(SoakKind.SIZED));
        start(sized, "sized", Fleet.steady(2, 0.4), 2, 1);
        start(sized, "sized", Fleet.steady(2, 0.4), 2, 2);
    }

    /** Starts those of the embedded broker. */
    void startEmbedded(int port, Path trusted) {
        Site site = new Site(
                SoakSite.EMBEDDED, false, login("mqtts://127.0.0.1:" + port, Optional.of(trusted)), turns(EMBEDDED));
        start(site, "steady", Fleet.steady(4, 20), 4, 0);
        start(site, "steady", Fleet.steady(8, 40), 8, 1);
        start(site, "sensors", Fleet.sensors(10, 5), 10, 2);
        start(site, "gateways", Fleet.gateways(3, 30), 3, 1);
        start(site, "bridges", Fleet.bridges(2, 25), 2, 2);
        start(site, "flapping", Fleet.flapping(6, 40), 6, 2);
    }

    private record Site(String broker, boolean exactlyOnce, MqttLogin login, List<SoakKind> turns) {}

    private static MqttLogin login(String broker, Optional<Path> trusted) {
        return new MqttLogin(
                BrokerAddress.parse(broker),
                5,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                trusted,
                Optional.empty(),
                Optional.empty());
    }

    private static List<SoakKind> turns(Map<SoakKind, Integer> odd) {
        List<SoakKind> turns = new ArrayList<>();
        odd.forEach((kind, times) -> turns.addAll(Collections.nCopies(times, kind)));
        turns.addAll(Collections.nCopies(TURNS - turns.size(), SoakKind.RAW));
        Collections.shuffle(turns, new Random(TURNS));
        return turns;
    }

    private void start(Site site, String name, Fleet fleet, int devices, int qos) {
        SoakContent content = new SoakContent(
                account, site.broker(), site.exactlyOnce(), name, qos, devices, fleet.topics(), site.turns());
        BenchLoad.Terms terms = new BenchLoad.Terms(site.login(), name, qos, SoakKind.RAW.payloadBytes(), LONGEST);
        PublishLoad load = new PublishLoad(terms, fleet, content);
        load.prepare();
        Thread thread = new Thread(load::run, "soak-" + name + "-" + qos);
        thread.setDaemon(true);
        thread.start();
        fleets.add(new Running(name + ", QoS " + qos + ", at the " + site.broker(), load, thread));
    }

    /** Stops them, and waits until every message is acknowledged or has failed; returns what is not. */
    List<String> finish() throws InterruptedException {
        for (Running fleet : fleets) {
            fleet.thread().interrupt();
            fleet.thread().join();
        }
        try {
            await().atMost(PATIENCE)
                    .until(() -> fleets.stream()
                            .allMatch(fleet -> fleet.load().counts().outstanding() == 0));
        } catch (ConditionTimeoutException e) {
            // said below
        }
        List<String> problems = fleets.stream()
                .filter(fleet -> fleet.load().counts().outstanding() > 0)
                .map(fleet -> fleet.name() + ": " + fleet.load().counts().outstanding()
                        + " messages were not answered in the end")
                .toList();
        fleets.forEach(fleet -> fleet.load().end());
        return problems;
    }

    /** How many links of flapping devices have broken. */
    long linksBroken() {
        return fleets.stream()
                .map(fleet -> fleet.load().counts().all())
                .mapToLong(BenchCounts.Look::broken)
                .sum();
    }
}
