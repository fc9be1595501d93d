package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Server-sent events: an answer that goes on until the page is closed. One thread uses it. */
final class EventStream implements AutoCloseable {

    private final OutputStream out;

    /** Begins the answer. A failure before this call still gets its own HTTP status. */
    interface Begin {
        EventStream stream() throws IOException;
    }

    EventStream(OutputStream out) {
        this.out = out;
    }

    /** @throws IOException if nobody listens any more */
    void send(String event, JsonNode data) throws IOException {
        write("event: " + event + "\ndata: " + data + "\n\n");
    }

    /** Sends what pages do not see, to find out whether somebody listens. */
    void keepAlive() throws IOException {
        write(":\n\n");
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
