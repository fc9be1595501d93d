package io.sluice.tools.bench;

import io.sluice.tools.mqtt.MqttDevice;
import io.sluice.tools.mqtt.MqttMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/** The devices of a fleet, which publish. */
public final class PublishLoad implements BenchLoad {

    private final Terms terms;
    private final Fleet fleet;
    private final BenchCounts counts = new BenchCounts();
    private final Content content;
    private final Optional<FlappingNetwork> network;
    private final Crowd crowd;
    private final List<CompletableFuture<?>> busy = new ArrayList<>();
    private final Semaphore free = new Semaphore(MOST_OUTSTANDING);

    private record Next(int device, long number, Fleet.Visit visit) {}

    /** Devices that publish zeros, each to topics below its number. */
    public PublishLoad(Terms terms, Fleet fleet, int devices) {
        this(terms, fleet, devices, new Zeros(terms, fleet.topics(), devices));
    }

    /** @param content what the devices publish, in place of zeros */
    public PublishLoad(Terms terms, Fleet fleet, int devices, Content content) {
        this.terms = terms;
        this.fleet = fleet;
        this.content = content;
        this.network =
                fleet.flaps() ? Optional.of(new FlappingNetwork(terms.login().broker())) : Optional.empty();
        this.crowd = network.map(links -> new Crowd(
                        devices,
                        clientId -> MqttDevice.resuming(terms.login(), links.way(), clientId, counts::linkBroken)))
                .orElseGet(() -> new Crowd(terms.login(), devices, counts));
        crowd.devices().forEach(device -> busy.add(CompletableFuture.completedFuture(null)));
    }

    @Override
    public void prepare() {
        if (!fleet.sleeps()) {
            crowd.connect();
            network.ifPresent(FlappingNetwork::flap);
        }
    }

    @Override
    public void run() {
        PriorityQueue<Next> queue = new PriorityQueue<>(
                Comparator.comparingLong(next -> next.visit().atNanos()));
        for (int device = 0; device < crowd.devices().size(); device++) {
            queue.add(new Next(device, 0, fleet.visit(device, 0)));
        }
        Schedule pace = new Schedule(terms.duration().toNanos());
        for (Next next = queue.remove(); pace.await(pace.at(next.visit().atNanos())); next = queue.remove()) {
            int messages = next.visit().messages();
            if (!pace.await(free, messages)) {
                return;
            }
            visit(next.device(), messages, pace.at(next.visit().atNanos()));
            queue.add(new Next(next.device(), next.number() + 1, fleet.visit(next.device(), next.number() + 1)));
        }
    }

    private void visit(int number, int messages, long moment) {
        counts.begin(messages);
        MqttDevice device = crowd.devices().get(number);
        if (!fleet.sleeps()) {
            publish(device, number, messages, moment);
            return;
        }
        busy.set(
                number,
                busy.get(number)
                        .handle((done, failure) -> "awake")
                        .thenCompose(awake -> device.connect())
                        .handle((connected, failure) -> {
                            if (failure != null) {
                                free.release(messages);
                                for (int i = 0; i < messages; i++) {
                                    counts.ended(moment, failure);
                                }
                                return CompletableFuture.<Void>completedFuture(null);
                            }
                            return publish(device, number, messages, moment);
                        })
                        .thenCompose(published -> published)
                        .handle((published, failure) -> device.disconnect())
                        .thenCompose(left -> left));
    }

    private CompletableFuture<Void> publish(MqttDevice device, int number, int messages, long moment) {
        List<CompletableFuture<Void>> published = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            MqttMessage message = content.next(number);
            published.add(device.publish(message).whenComplete((done, failure) -> {
                free.release();
                counts.ended(moment, failure);
                if (failure == null) {
                    content.acknowledged(message);
                } else {
                    content.failed(message, failure);
                }
            }));
        }
        return CompletableFuture.allOf(published.toArray(CompletableFuture[]::new));
    }

    @Override
    public void end() {
        crowd.leave();
        network.ifPresent(FlappingNetwork::close);
    }

    @Override
    public BenchCounts counts() {
        return counts;
    }
}
