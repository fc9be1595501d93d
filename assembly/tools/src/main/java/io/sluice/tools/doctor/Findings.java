package io.sluice.tools.doctor;

import io.sluice.tools.doctor.Finding.Level;
import java.util.ArrayList;
import java.util.List;

/** What was found, in the order in which it was. Not thread-safe. */
public final class Findings {

    private final List<Finding> all = new ArrayList<>();

    /**
     * Takes what is found about one thing, which is what the findings name.
     *
     * @param of a connector, a topic, the worker
     */
    public Matter about(String of) {
        return new Matter(of);
    }

    /** A copy of all of them. */
    public List<Finding> all() {
        return List.copyOf(all);
    }

    public boolean anyWrong() {
        return all.stream().anyMatch(finding -> finding.level() == Level.WRONG);
    }

    /** Takes what is found about one thing. */
    public final class Matter {

        private final String of;

        private Matter(String of) {
            this.of = of;
        }

        public void good(String finding) {
            all.add(new Finding(Level.OK, of, finding, ""));
        }

        public void advice(String finding, String remedy) {
            all.add(new Finding(Level.ADVICE, of, finding, remedy));
        }

        public void unknown(String finding, String remedy) {
            all.add(new Finding(Level.UNKNOWN, of, finding, remedy));
        }

        public void wrong(String finding, String remedy) {
            all.add(new Finding(Level.WRONG, of, finding, remedy));
        }
    }
}
