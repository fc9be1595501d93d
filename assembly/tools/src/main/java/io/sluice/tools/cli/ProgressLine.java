package io.sluice.tools.cli;

/** A bar that grows: over itself on a terminal, and elsewhere a line for each change. */
final class ProgressLine {

    private static final int WIDTH = 30;

    private final Common common;
    private final int all;
    private final boolean onTerminal;
    private int shown = -1;

    ProgressLine(Common common, int all) {
        this.common = common;
        this.all = all;
        this.onTerminal = common.ansi().enabled();
    }

    /** Shows how many are done; returns whether all are. */
    boolean show(int done) {
        if (done != shown) {
            shown = done;
            int filled = all == 0 ? WIDTH : WIDTH * done / all;
            String bar = "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] " + done + " of " + all + " lanes";
            common.surroundings().err().print(onTerminal ? "\r" + bar : bar + "\n");
            if (onTerminal && done >= all) {
                common.surroundings().err().println();
            }
            common.surroundings().err().flush();
        }
        return done >= all;
    }
}
