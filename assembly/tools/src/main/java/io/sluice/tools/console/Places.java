package io.sluice.tools.console;

import io.sluice.tools.Context;
import io.sluice.tools.Contexts;
import io.sluice.tools.Setting;
import io.sluice.tools.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The contexts that the page may choose from: the one that the console was started with, and those in the file of the
 * command line, which is read again each time. Addresses come from nowhere else. Thread-safe.
 */
public final class Places {

    private final Path file;
    private final Map<String, String> environment;
    private final KnownPlace first;
    private final Map<String, KnownPlace> known = new HashMap<>();

    /**
     * @param file the contexts of the command line
     * @param first what the console was started with; where its context says nothing, the environment and the defaults do
     */
    public Places(Path file, Settings first) {
        this.file = file;
        // Of other contexts only the variables count that their logins name.
        this.environment = new HashMap<>(first.environment());
        for (Setting setting : Setting.values()) {
            environment.remove(setting.variable());
        }
        this.first = new KnownPlace(first.contextName().orElse("default"), first);
    }

    /** All of them; the one that the console was started with comes first. */
    synchronized List<KnownPlace> all() {
        List<KnownPlace> all = new ArrayList<>(List.of(first));
        Contexts.read(file).all().forEach((name, context) -> {
            if (!name.equals(first.name())) {
                all.add(place(name, context));
            }
        });
        return all;
    }

    KnownPlace get(String name) {
        return all().stream()
                .filter(place -> place.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CallRefused(404, "There is no context " + name + "."));
    }

    private KnownPlace place(String name, Context context) {
        return known.compute(
                name,
                (key, place) -> place != null && place.is(context)
                        ? place
                        : new KnownPlace(name, new Settings(environment, Optional.of(name), context)));
    }
}
