package io.sluice.benchmark;

import java.util.List;
import java.util.Locale;

/**
 * A figure beside what it should be.
 *
 * @param what is measured, with its unit
 * @param measured the figure
 * @param bound what it should reach, or stay below
 * @param atMost whether it should stay below
 */
record Target(String what, double measured, double bound, boolean atMost) {

    static Target atLeast(String what, double measured, double bound) {
        return new Target(what, measured, bound, false);
    }

    static Target atMost(String what, double measured, double bound) {
        return new Target(what, measured, bound, true);
    }

    private boolean isMet() {
        return atMost ? measured <= bound : measured >= bound;
    }

    /** A table in Markdown. */
    static String table(List<Target> targets) {
        StringBuilder text = new StringBuilder("| | measured | target | |\n|---|---|---|---|\n");
        for (Target target : targets) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %s %.2f | %s |%n",
                    target.what(),
                    target.measured(),
                    target.atMost() ? "≤" : "≥",
                    target.bound(),
                    target.isMet() ? "met" : "**missed**"));
        }
        return text.toString();
    }
}
