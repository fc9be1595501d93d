package io.sluice.tools.bench;

import io.sluice.tools.mqtt.MqttDevice;

/** Clients that connect, one after the other at a rate, and stay until the end. */
public final class ConnectLoad extends BenchLoad {

    private final double perSecond;
    private final Crowd crowd;

    /** @param perSecond how many connect in a second */
    public ConnectLoad(Terms terms, int clients, double perSecond) {
        super(terms);
        this.perSecond = perSecond;
        this.crowd = new Crowd(terms.login(), clients, counts);
    }

    @Override
    public void prepare() {}

    @Override
    public void run() {
        Schedule pace = new Schedule(terms.duration().toNanos());
        long number = 0;
        for (MqttDevice device : crowd.devices()) {
            long moment = pace.at((long) (number++ / perSecond * 1e9));
            if (!pace.await(moment)) {
                return;
            }
            counts.begin(1);
            device.connect().whenComplete((done, failure) -> counts.ended(moment, failure));
        }
        pace.await(pace.at(terms.duration().toNanos() - 1));
    }

    @Override
    public void end() {
        crowd.leave();
    }
}
