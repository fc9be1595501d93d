package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.thread.DaemonThreads;
import io.sluice.tools.ToolException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Work that takes longer than a page waits for an answer. It goes on when the page is closed. Thread-safe. */
final class Jobs implements AutoCloseable {

    private static final int AT_A_TIME = 4;
    private static final int REMEMBERED = 100;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0, AT_A_TIME, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), new DaemonThreads("console-job"));
    private final Set<List<String>> inWork = new HashSet<>();
    private final Map<String, ObjectNode> jobs = new LinkedHashMap<>();
    private int last;

    interface Progress {

        /** Says that so many of all are done. */
        void done(int done, int all, String sentence);
    }

    /** What a job does; it ends with its last sentence. */
    interface Work {
        String run(Progress progress);
    }

    /**
     * Begins to work; {@code job} of the answer is what {@link #see} takes.
     *
     * @param worker address of the worker of the connector
     * @param connector that is worked on; there is one job for it at a time
     * @throws CallRefused if there is one, or there are as many jobs as there may be
     */
    synchronized JsonNode begin(String worker, String connector, String sentence, Work work) {
        List<String> on = List.of(worker, connector);
        if (inWork.contains(on)) {
            throw new CallRefused(
                    409, "The connector " + connector + " is being rewound already; wait until that has ended.");
        }
        String id = Integer.toString(++last);
        put(id, "running", 0, 0, sentence);
        if (jobs.size() > REMEMBERED) {
            jobs.remove(jobs.keySet().iterator().next());
        }
        inWork.add(on);
        try {
            threads.execute(() -> run(id, on, work));
        } catch (RejectedExecutionException e) {
            inWork.remove(on);
            jobs.remove(id);
            throw new CallRefused(
                    503, AT_A_TIME + " connectors are being rewound already; try again when one of them is done.");
        }
        return Call.JSON.createObjectNode().put("job", id);
    }

    private void run(String id, List<String> on, Work work) {
        try {
            String end = work.run((done, all, now) -> put(id, "running", done, all, now));
            put(id, "done", 1, 1, end);
        } catch (ToolException e) {
            put(id, "failed", 0, 0, e.sentence());
        } catch (RuntimeException e) {
            put(id, "failed", 0, 0, "The console failed: " + e + ".");
        } finally {
            synchronized (this) {
                inWork.remove(on);
            }
        }
    }

    private synchronized void put(String id, String state, int done, int all, String sentence) {
        jobs.put(
                id,
                Call.JSON
                        .createObjectNode()
                        .put("state", state)
                        .put("done", done)
                        .put("all", all)
                        .put("sentence", sentence));
    }

    /** How far a job is: {@code state} is {@code running}, {@code done} or {@code failed}. */
    synchronized JsonNode see(String id) {
        ObjectNode job = jobs.get(id);
        if (job == null) {
            throw new CallRefused(404, "There is no job " + id + ".");
        }
        return job;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
