package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Secrets;
import io.sluice.tools.ToolException;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;

/**
 * What the page may ask and order. {@code P} is a context, {@code N} a connector; all bodies and answers are JSON, and a
 * refusal is {@code {"error": "one sentence"}}.
 *
 * <table>
 * <caption>Requests</caption>
 * <tr><td>GET see/console</td><td>version, contexts, whether it only looks</td></tr>
 * <tr><td>GET see/live/P</td><td>events {@code list}, all connectors with their states, and {@code away}, why the worker
 *     does not answer</td></tr>
 * <tr><td>GET see/plugins/P</td><td>what a connector can be made of</td></tr>
 * <tr><td>GET see/beginning/P</td><td>what a new connector begins with, and the brokers that it could share</td></tr>
 * <tr><td>GET see/integration/P/N</td><td>a connector with traces, topics, configuration and what changed</td></tr>
 * <tr><td>GET see/history/P/N</td><td>the last ten minutes of it, for charts</td></tr>
 * <tr><td>GET see/events/P/N</td><td>events {@code event}, what happened to it, and {@code away} or {@code alive}</td></tr>
 * <tr><td>GET see/clients/P</td><td>who is connected to the brokers</td></tr>
 * <tr><td>GET see/offsets/P/N</td><td>the last position of each lane</td></tr>
 * <tr><td>GET see/letters/P/N</td><td>its last dead letters</td></tr>
 * <tr><td>GET see/brokers/P</td><td>the brokers that a client can connect to</td></tr>
 * <tr><td>GET see/tap/P?broker=&amp;filter=</td><td>events {@code message}: what a broker publishes</td></tr>
 * <tr><td>GET see/job/J</td><td>how far long work is</td></tr>
 * <tr><td>GET see/mqtt/S</td><td>events {@code entry}: the log of an MQTT client</td></tr>
 * <tr><td>POST ask/validate/P</td><td>{@code name, config, definitions}: what the worker thinks of a configuration</td></tr>
 * <tr><td>POST ask/check/P</td><td>{@code name, config}: what the worker and Kafka say</td></tr>
 * <tr><td>POST ask/difference/P</td><td>{@code name, config}: from what runs to what is to run</td></tr>
 * <tr><td>POST ask/preview/P</td><td>{@code name, config, message}: what the routes make of a message</td></tr>
 * <tr><td>POST ask/migrate/P</td><td>{@code json, topic}: a connector from TBMQ's or RobustMQ's configuration</td></tr>
 * <tr><td>POST ask/tap-check/P</td><td>{@code broker, filter}: whether a broker lets the console listen</td></tr>
 * <tr><td>POST do/apply/P</td><td>{@code name, config, create}: creates or changes a connector</td></tr>
 * <tr><td>POST do/restart, pause, resume, stop, delete/P/N</td><td>as the command line does</td></tr>
 * <tr><td>POST do/rewind/P/N</td><td>{@code to}: begins to deliver again; answers with a job</td></tr>
 * <tr><td>POST do/disconnect/P</td><td>{@code listener, clientId}: disconnects an MQTT client</td></tr>
 * <tr><td>POST do/resend/P</td><td>{@code broker, message}: publishes a message</td></tr>
 * <tr><td>POST do/mqtt-connect/P, do/mqtt-publish, do/mqtt-subscribe, do/mqtt-disconnect/S</td><td>an MQTT client</td></tr>
 * </table>
 *
 * <p>In each {@code config} a mask stands for the secret that the connector has already. Thread-safe.
 */
final class Api implements AutoCloseable {

    /** Pages that watch at a time; each holds a thread. */
    private static final int MOST_STREAMS = 48;

    private final Map<String, Answer> answers = new HashMap<>();
    private final Map<String, Flow> flows = new HashMap<>();
    private final Semaphore streams = new Semaphore(MOST_STREAMS);
    private final Jobs jobs = new Jobs();
    private final MqttClients mqtt = new MqttClients();
    private final Places places;

    /** Answers at once. */
    private interface Answer {
        JsonNode of(Call call) throws IOException;
    }

    /** Answers until the page is closed. */
    private interface Flow {
        void run(Call call, EventStream.Begin begin) throws IOException, InterruptedException;
    }

    Api(Places places, boolean readOnly, String version) {
        this.places = places;
        Instant startedAt = Instant.now();
        Integrations integrations = new Integrations();
        Drafts drafts = new Drafts();
        answers.put("see/console", call -> {
            ObjectNode console = Call.JSON
                    .createObjectNode()
                    .put("version", version)
                    .put("readOnly", readOnly)
                    .put("startedAt", startedAt.toString());
            ArrayNode contexts = console.putArray("contexts");
            places.all()
                    .forEach(place -> contexts.addObject()
                            .put("name", place.name())
                            .put("worker", Secrets.addressShown(place.workerAddress()))
                            .put("kafka", Secrets.addressShown(place.kafka()))
                            .put("broker", Secrets.addressShown(place.broker()))
                            .put("status", Secrets.addressShown(place.status())));
            return console;
        });
        answers.put("see/plugins", call -> place(call).connect().plugins());
        answers.put("see/beginning", call -> drafts.beginning(place(call)));
        answers.put("see/integration", call -> integrations.one(place(call), call.part(4)));
        answers.put("see/history", call -> integrations.history(place(call), call.part(4)));
        answers.put("see/clients", call -> Happenings.clients(place(call)));
        answers.put("see/offsets", call -> Offsets.of(place(call), call.part(4)));
        answers.put("see/letters", call -> Letters.of(place(call), call.part(4)));
        answers.put("see/brokers", call -> ReachableBrokers.of(place(call)).json());
        answers.put("see/job", call -> jobs.see(call.part(3)));
        answers.put("ask/validate", call -> drafts.validate(place(call), call.body()));
        answers.put("ask/check", call -> drafts.check(place(call), call.body()));
        answers.put("ask/difference", call -> drafts.difference(place(call), call.body()));
        answers.put("ask/preview", call -> drafts.preview(place(call), call.body()));
        answers.put("ask/migrate", call -> drafts.migrate(place(call), call.body()));
        answers.put("ask/tap-check", call -> mqtt.checkTap(place(call), call.body()));
        answers.put("do/apply", call -> drafts.apply(place(call), call.body()));
        order("restart", (connect, name) -> connect.restart(name, false));
        order("pause", ConnectClient::pause);
        order("resume", ConnectClient::resume);
        order("stop", ConnectClient::stop);
        order("delete", ConnectClient::delete);
        answers.put(
                "do/rewind",
                call -> Offsets.rewind(
                        jobs, place(call), call.part(4), call.body().path("to").asText()));
        answers.put("do/disconnect", call -> Happenings.disconnect(place(call), call.body()));
        answers.put("do/resend", call -> mqtt.publishOnce(place(call), call.body()));
        answers.put("do/mqtt-connect", call -> mqtt.connect(place(call), call.body()));
        answers.put("do/mqtt-publish", call -> mqtt.get(call.part(3)).publish(call.body()));
        answers.put("do/mqtt-subscribe", call -> mqtt.get(call.part(3)).subscribe(call.body()));
        answers.put("do/mqtt-disconnect", call -> mqtt.get(call.part(3)).disconnect());
        flows.put("see/events", (call, begin) -> Happenings.watch(place(call), call.part(4), begin));
        flows.put("see/live", (call, begin) -> integrations.watch(place(call), begin));
        flows.put(
                "see/tap",
                (call, begin) -> mqtt.tap(
                        place(call),
                        call.query("broker").orElse(""),
                        call.query("filter").orElse(""),
                        begin));
        flows.put("see/mqtt", (call, begin) -> mqtt.get(call.part(3)).watch(begin));
    }

    private void order(String name, BiConsumer<ConnectClient, String> order) {
        answers.put("do/" + name, call -> {
            order.accept(place(call).connect(), call.part(4));
            return Call.JSON.createObjectNode();
        });
    }

    void answer(Call call) throws IOException {
        String what = call.part(1) + "/" + call.part(2);
        Answer answer = answers.get(what);
        if (answer != null) {
            call.answer(200, answer.of(call));
            return;
        }
        Flow flow = flows.get(what);
        if (flow == null) {
            throw new CallRefused(404, "The console has no " + call.path() + ".");
        }
        flow(call, flow);
    }

    private void flow(Call call, Flow flow) throws IOException {
        if (!streams.tryAcquire()) {
            throw new CallRefused(503, "Too many pages watch at a time; close one.");
        }
        EventStream[] begun = new EventStream[1];
        try {
            flow.run(call, () -> {
                begun[0] = begun[0] == null ? call.stream() : begun[0];
                return begun[0];
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ToolException e) {
            if (begun[0] == null) {
                throw e;
            }
            begun[0].send("failed", Call.JSON.createObjectNode().put("error", e.sentence()));
        } finally {
            streams.release();
            if (begun[0] != null) {
                begun[0].close();
            }
        }
    }

    private KnownPlace place(Call call) {
        return places.get(call.part(3));
    }

    @Override
    public void close() {
        jobs.close();
        mqtt.close();
    }
}
