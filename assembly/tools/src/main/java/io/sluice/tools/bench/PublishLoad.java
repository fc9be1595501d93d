package io.sluice.tools.bench;

import io.sluice.tools.mqtt.MqttDevice;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttMessage.About;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** The devices of a fleet, which publish. */
public final class PublishLoad extends BenchLoad {

    private final Fleet fleet;
    private final Content content;
    private final Optional<FlappingNetwork> network;
    private final Crowd crowd;
    private final List<CompletableFuture<?>> busy = new ArrayList<>();
    private final Semaphore free = new Semaphore(MOST_OUTSTANDING);

    private record Visit(int device, long number, long atNanos) {}

    /** Devices that publish zeros, each to topics below its number. */
    public PublishLoad(Terms terms, Fleet fleet) {
        this(terms, fleet, zeros(terms, fleet));
    }

    /** @param content what the devices publish, in place of zeros */
    public PublishLoad(Terms terms, Fleet fleet, Content content) {
        super(terms);
        this.fleet = fleet;
        this.content = content;
        this.network =
                fleet.flaps() ? Optional.of(new FlappingNetwork(terms.login().broker())) : Optional.empty();
        this.crowd = network.map(links -> new Crowd(
                        fleet.devices(),
                        clientId -> MqttDevice.resuming(terms.login(), links.way(), clientId, counts::linkBroken)))
                .orElseGet(() -> new Crowd(terms.login(), fleet.devices(), counts));
        crowd.devices().forEach(device -> busy.add(CompletableFuture.completedFuture(null)));
    }

    /** Each device publishes zeros to its topic, or in turn to those of the clients that it speaks for. */
    private static Content zeros(Terms terms, Fleet fleet) {
        AtomicIntegerArray published = new AtomicIntegerArray(fleet.devices());
        int topics = fleet.topics();
        return device -> {
            String own = terms.topic() + "/" + device;
            String topic = topics == 1 ? own : own + "/" + published.getAndIncrement(device) % topics;
            return new MqttMessage(topic, new byte[terms.payloadBytes()], terms.qos(), false, About.NOTHING);
        };
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
        PriorityQueue<Visit> queue = new PriorityQueue<>(Comparator.comparingLong(Visit::atNanos));
        for (int device = 0; device < crowd.devices().size(); device++) {
            queue.add(visit(device, 0));
        }
        Schedule pace = new Schedule(terms.duration().toNanos());
        for (Visit next = queue.remove(); pace.await(pace.at(next.atNanos())); next = queue.remove()) {
            if (!pace.await(free, fleet.messagesPerVisit())) {
                return;
            }
            publish(next.device(), pace.at(next.atNanos()));
            queue.add(visit(next.device(), next.number() + 1));
        }
    }

    private Visit visit(int device, long number) {
        return new Visit(device, number, fleet.visitNanos(device, number));
    }

    private void publish(int number, long moment) {
        int messages = fleet.messagesPerVisit();
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
}
