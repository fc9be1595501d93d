package io.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class StatesTest {

    @Test
    void a_failure_is_told_by_its_last_cause_that_is_a_sentence() {
        assertThat(States.failure(failed("""
                        org.apache.kafka.connect.errors.ConnectException: The task fails
                        \tat a.B.c(B.java:1)
                        Caused by: io.sluice.buffer.record.BufferException: buffer.dir /x cannot be opened
                        \t... 11 more
                        Caused by: java.nio.file.NoSuchFileException: /x
                        \t... 19 more
                        """))).contains("task 0: buffer.dir /x cannot be opened");
    }

    @Test
    void a_failure_without_a_sentence_is_told_by_its_first_line() {
        assertThat(States.failure(failed("java.lang.NullPointerException\n\tat a.B.c(B.java:1)\n")))
                .contains("task 0: java.lang.NullPointerException");
    }

    private static JsonNode failed(String trace) {
        ObjectNode status = new JsonMapper().createObjectNode();
        status.putObject("connector").put("state", "RUNNING");
        status.putArray("tasks").addObject().put("id", 0).put("state", "FAILED").put("trace", trace);
        return status;
    }
}
