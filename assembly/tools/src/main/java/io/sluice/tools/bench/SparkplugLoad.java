package io.sluice.tools.bench;

import io.sluice.tools.mqtt.MqttDevice;
import io.sluice.tools.mqtt.MqttMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Edge nodes of Sparkplug B with devices, which publish data by alias. Now and then one is cut off, so that the broker publishes
 * its death, and is born again. Births count as messages, deaths do not.
 */
public final class SparkplugLoad extends BenchLoad {

    private static final int MESSAGES_A_LIFE = 200;

    private final Fleet pace;
    private final List<EdgeNode> nodes = new ArrayList<>();
    private final Semaphore free = new Semaphore(MOST_OUTSTANDING);

    private static final class EdgeNode {
        private final SparkplugNode node;
        private final MqttDevice device;
        private final AtomicBoolean born = new AtomicBoolean();
        private CompletableFuture<Void> before = CompletableFuture.completedFuture(null);
        private CompletableFuture<Void> flying = CompletableFuture.completedFuture(null);
        private int life;

        EdgeNode(Terms terms, int number, BenchCounts counts) {
            node = new SparkplugNode(terms.topic().replace('/', '-'), "node-" + number, terms.qos());
            device = MqttDevice.of(terms.login(), "edge-" + terms.topic().replace('/', '-') + "-" + number, () -> {
                born.set(false);
                counts.connectionLost();
            });
        }
    }

    public SparkplugLoad(Terms terms, int nodes, double messagesPerSecond) {
        super(terms);
        this.pace = Fleet.steady(nodes, messagesPerSecond);
        for (int i = 0; i < nodes; i++) {
            // they do not all die at once
            EdgeNode node = new EdgeNode(terms, i, counts);
            node.life = i * MESSAGES_A_LIFE / nodes;
            this.nodes.add(node);
        }
    }

    @Override
    public void prepare() {
        Crowd.await(
                nodes.stream()
                        .map(node -> node.device.connect(node.node.will()))
                        .toList(),
                "cannot connect");
    }

    @Override
    public void run() {
        Schedule schedule = new Schedule(terms.duration().toNanos());
        for (long visit = 0; ; visit++) {
            int number = (int) (visit % nodes.size());
            long moment = schedule.at(pace.visitNanos(number, visit / nodes.size()));
            if (!schedule.await(moment) || !schedule.await(free, 1)) {
                return;
            }
            visit(nodes.get(number), moment);
        }
    }

    private void visit(EdgeNode edge, long moment) {
        counts.begin(1);
        boolean dies = ++edge.life % MESSAGES_A_LIFE == 0;
        edge.before = (dies ? edge.before.thenCompose(done -> die(edge)) : edge.before).handle((done, failure) -> {
            publish(edge, moment);
            return null;
        });
    }

    private static CompletableFuture<Void> die(EdgeNode edge) {
        return flying(edge)
                .handle((done, failure) -> edge.device.disconnectWithWill())
                .thenCompose(gone -> gone)
                .handle((done, failure) -> {
                    edge.born.set(false);
                    edge.node.died();
                    return edge.device.connect(edge.node.will());
                })
                .thenCompose(connected -> connected);
    }

    private static CompletableFuture<Void> flying(EdgeNode edge) {
        synchronized (edge) {
            return edge.flying;
        }
    }

    private void publish(EdgeNode edge, long moment) {
        synchronized (edge) {
            if (edge.born.compareAndSet(false, true)) {
                for (MqttMessage birth : edge.node.births()) {
                    counts.begin(1);
                    free.acquireUninterruptibly();
                    publish(edge, birth, moment);
                }
            }
            publish(edge, edge.node.data(), moment);
        }
    }

    private void publish(EdgeNode edge, MqttMessage message, long moment) {
        CompletableFuture<Void> published = edge.device.publish(message).whenComplete((done, failure) -> {
            free.release();
            counts.ended(moment, failure);
        });
        edge.flying = edge.flying.isDone() ? published : CompletableFuture.allOf(edge.flying, published);
    }

    @Override
    public void end() {
        // One that is just being born again would stay alive.
        Crowd.awaitLeave(nodes.stream()
                .map(edge -> edge.before
                        .handle((done, failure) -> edge.device.disconnectWithWill())
                        .thenCompose(gone -> gone))
                .toList());
    }
}
