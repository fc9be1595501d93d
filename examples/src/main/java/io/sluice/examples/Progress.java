package io.sluice.examples;

import java.io.PrintWriter;
import java.util.Locale;

/** Tells what is being started, and how long it took. */
record Progress(PrintWriter out) {

    void step(String what, String where, Runnable action) {
        out.printf("  %-16s", what);
        out.flush();
        long start = System.nanoTime();
        action.run();
        out.printf(Locale.ROOT, "%-26s ready in %.1f s%n", where, (System.nanoTime() - start) / 1e9);
        out.flush();
    }
}
