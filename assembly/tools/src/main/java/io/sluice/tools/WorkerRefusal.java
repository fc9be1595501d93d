package io.sluice.tools;

/** A Connect worker answered, and refused. */
public final class WorkerRefusal extends ToolException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final boolean ofWorker;

    WorkerRefusal(int status, boolean ofWorker, String sentence) {
        super(ExitCode.FAILED, sentence);
        this.status = status;
        this.ofWorker = ofWorker;
    }

    /** The HTTP status, 400 to 599. */
    public int status() {
        return status;
    }

    /** Whether the answer has a worker's form; what stands in front of a worker, or in its place, answers otherwise. */
    public boolean isOfWorker() {
        return ofWorker;
    }
}
