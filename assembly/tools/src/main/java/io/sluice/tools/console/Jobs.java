package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ToolException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Work that takes longer than a page waits for an answer. It goes on when the page is closed. Thread-safe. */
final class Jobs implements AutoCloseable {

    private static final int AT_A_TIME = 4;
    private static final int REMEMBERED = 100;

    private final ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME, task -> {
        Thread thread = new Thread(task, "console-job");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<String, ObjectNode> jobs = new LinkedHashMap<>();
    private int last;

    /** Where a job says how far it is. */
    interface Progress {

        /** Says that so many of all are done. */
        void done(int done, int all, String sentence);
    }

    /** What a job does; it ends with its last sentence. */
    interface Work {
        String run(Progress progress);
    }

    /** Begins to work; {@code job} of the answer is what {@link #see} takes. */
    synchronized JsonNode begin(String sentence, Work work) {
        String id = Integer.toString(++last);
        put(id, "running", 0, 0, sentence);
        if (jobs.size() > REMEMBERED) {
            jobs.remove(jobs.keySet().iterator().next());
        }
        threads.execute(() -> {
            try {
                String end = work.run((done, all, now) -> put(id, "running", done, all, now));
                put(id, "done", 1, 1, end);
            } catch (ToolException e) {
                put(id, "failed", 0, 0, e.sentence());
            } catch (RuntimeException e) {
                put(id, "failed", 0, 0, "The console failed: " + e + ".");
            }
        });
        return Call.JSON.createObjectNode().put("job", id);
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
