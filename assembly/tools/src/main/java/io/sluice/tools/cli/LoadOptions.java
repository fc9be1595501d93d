package io.sluice.tools.cli;

import io.sluice.tools.ToolException;
import io.sluice.tools.bench.BenchLoad;
import io.sluice.tools.mqtt.MqttConnection;
import io.sluice.tools.mqtt.MqttLogin;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The options of commands that put load on a broker. */
final class LoadOptions {

    private static final int LEAST_BYTES = 16;

    @Option(names = "--clients", paramLabel = "N", description = "How many clients; by default 10.")
    private int clients = 10;

    @Option(names = "--rate", paramLabel = "N", description = "How many a second, over all clients; by default 100.")
    private double rate = 100;

    @Option(names = "--duration", paramLabel = "TIME", description = "How long (30s, 5m); by default 10s.")
    private Duration duration = Duration.ofSeconds(10);

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "TOPIC",
            description = "What the topics begin with; by default bench.")
    private String topic = "bench";

    @Option(
            names = {"-q", "--qos"},
            paramLabel = "QOS",
            description = "0, 1 or 2; by default 1. With 0 a message that is lost is not noticed by its publisher.")
    private int qos = 1;

    @Option(names = "--size", paramLabel = "BYTES", description = "Size of the payloads; by default 100, at least 16.")
    private int size = 100;

    @Option(
            names = "--warmup",
            paramLabel = "TIME",
            description = "How long to warm up before measuring; by default 0s.")
    private Duration warmup = Duration.ZERO;

    Duration warmup() {
        return warmup;
    }

    int clients() {
        if (clients < 1) {
            throw ToolException.usage("--clients is 1 or more, not " + clients + ".");
        }
        return clients;
    }

    double rate() {
        if (!(rate > 0) || Double.isInfinite(rate)) {
            throw ToolException.usage("--rate is more than 0, not " + rate + ".");
        }
        return rate;
    }

    BenchLoad.Terms terms(BrokerOptions broker) {
        MqttLogin login = broker.login();
        if (login.version() != 5) {
            throw ToolException.usage("The clients of `bench` speak MQTT 5 only; leave --mqtt-version out.");
        }
        if (size < LEAST_BYTES) {
            throw ToolException.usage("--size is " + LEAST_BYTES + " or more, not " + size + ".");
        }
        MqttConnection.checkTopic(topic);
        return new BenchLoad.Terms(login, topic, BrokerOptions.qos("--qos", qos), size, duration);
    }
}
