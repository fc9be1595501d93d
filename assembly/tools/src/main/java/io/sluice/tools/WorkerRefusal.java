package io.sluice.tools;

/** A Connect worker answered, and refused. */
public final class WorkerRefusal extends ToolException {

    private static final long serialVersionUID = 1L;

    private final int status;

    WorkerRefusal(int status, String sentence) {
        super(ExitCode.FAILED, sentence);
        this.status = status;
    }

    /** The HTTP status, 400 to 599. */
    public int status() {
        return status;
    }
}
