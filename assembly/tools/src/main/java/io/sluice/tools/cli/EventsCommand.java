package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ExitCode;
import io.sluice.tools.Patience;
import io.sluice.tools.Payloads;
import io.sluice.tools.ProcessEvents;
import io.sluice.tools.ProcessEvents.Event;
import io.sluice.tools.StatusClient;
import io.sluice.tools.ToolException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What has happened in workers and standalone brokers. */
@Command(
        name = "events",
        description = "Shows what has happened in workers and standalone brokers: connectors, tasks and brokers that"
                + " started and stopped, and errors. Asks their status listeners.",
        footer = {"  sluice events --kind errors", "  sluice events --follow"})
final class EventsCommand implements Callable<Integer> {

    private static final int MOST = 500;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration SHORT_WAIT = Duration.ofMillis(500);

    enum Kind {
        lifecycle,
        statistics,
        errors
    }

    @Mixin
    private final StatusOptions options = new StatusOptions();

    @Option(
            names = {"-f", "--follow"},
            description = "Keep printing new events, until Ctrl-C.")
    private boolean follow;

    @Option(names = "--kind", paramLabel = "KIND", description = "Only these: ${COMPLETION-CANDIDATES}.")
    private @Nullable Kind kind;

    /** A listener, and up to where its events were shown. */
    private static final class Place {

        private final StatusClient listener;
        private String process = "";
        private long shown;
        /** Whether it is said already that it does not answer. */
        private boolean away = true;

        private Place(StatusClient listener) {
            this.listener = listener;
        }
    }

    @Override
    public Integer call() {
        List<Place> places = new ArrayList<>();
        List<StatusClient> listeners = options.listeners();
        boolean several = listeners.size() > 1;
        PrintWriter out = options.surroundings().out();
        int exitCode = options.ask(listeners, false, listener -> {
            Place place = new Place(listener);
            places.add(place);
            show(place, several, Duration.ZERO);
        });
        while (follow && !out.checkError()) {
            for (Place place : places) {
                goOn(place, several);
            }
        }
        return out.checkError() ? ExitCode.FAILED.number() : exitCode;
    }

    /** One that is away for a while is no reason to end. */
    private void goOn(Place place, boolean several) {
        try {
            show(place, several, several ? SHORT_WAIT : LONGEST_WAIT);
        } catch (ToolException e) {
            if (!several && e.exitCode() != ExitCode.UNREACHABLE) {
                throw e;
            }
            if (!place.away) {
                options.say(e.sentence());
                place.away = true;
            }
            Patience.pause();
        }
    }

    private void show(Place place, boolean several, Duration wait) {
        Optional<String> only = Optional.ofNullable(kind).map(Kind::name);
        ProcessEvents page = place.listener.events(place.shown, MOST, only, wait);
        if (!place.process.equals(page.startedAt()) && place.shown > 0) {
            place.shown = 0;
            page = place.listener.events(0, MOST, only, Duration.ZERO);
        }
        place.process = page.startedAt();
        while (!page.events().isEmpty()) {
            for (Event event : page.events()) {
                print(place.listener, several, event);
                place.shown = event.seq();
            }
            page = place.listener.events(place.shown, MOST, only, Duration.ZERO);
        }
        place.away = false;
        options.surroundings().out().flush();
    }

    private void print(StatusClient listener, boolean several, Event event) {
        ObjectNode data = Common.JSON.valueToTree(event);
        if (several) {
            data.put("address", listener.listener().toString());
        }
        String whose = event.connector() != null
                ? event.connector() + (event.task() == null ? "" : "/" + event.task())
                : event.broker() != null ? event.broker() : "-";
        String text = event.time() + "  " + (several ? listener.listener() + "  " : "") + event.kind() + "  " + whose
                + "  " + event.event() + "  " + event.text();
        options.surroundings().out().print(options.line(data, Payloads.escaped(text), Long.toString(event.seq())));
    }
}
