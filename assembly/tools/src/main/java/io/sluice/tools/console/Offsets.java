package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sluice.tools.Patience;
import io.sluice.tools.Rewind;
import io.sluice.tools.RewindTarget;
import java.time.Duration;
import java.util.Optional;

/** How far connectors are in their buffers, and their way back. */
final class Offsets {

    private static final Duration PATIENCE = Duration.ofMinutes(30);

    private Offsets() {}

    static JsonNode of(KnownPlace place, String name) {
        ArrayNode lanes = Call.JSON.createArrayNode();
        new Rewind(place.connect(), name)
                .positions()
                .forEach((lane, position) -> lanes.addObject()
                        .put("buffer", lane.buffer())
                        .put("lane", lane.lane())
                        .put("position", position));
        return lanes;
    }

    static JsonNode rewind(Jobs jobs, KnownPlace place, String name, String to) {
        Rewind rewind = new Rewind(place.connect(), name);
        Rewind.Goal goal = rewind.goal(RewindTarget.of(to), Optional.empty());
        return jobs.begin(place.workerAddress(), name, "The connector " + name + " is being stopped.", progress -> {
            Rewind.Gone gone = rewind.to(goal);
            int all = gone.before().size();
            String back = "It goes back in " + gone.changed() + " of " + all + " lanes";
            if (!gone.runs()) {
                return back + ", and stays as it was: not running.";
            }
            progress.done(0, all, back + ", and delivers again.");
            Patience.await(
                    PATIENCE,
                    () -> {
                        int done = rewind.caughtUp(gone);
                        progress.done(done, all, back + "; " + done + " are where they were.");
                        return done >= all;
                    },
                    "The connector " + name + " is not where it was after " + PATIENCE.toMinutes()
                            + " minutes; it goes on.");
            return back + ", and is where it was.";
        });
    }
}
