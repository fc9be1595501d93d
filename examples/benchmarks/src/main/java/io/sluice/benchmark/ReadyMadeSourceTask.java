package io.sluice.benchmark;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/** Hands over a number of records that look as the load generator's messages do, then none. */
public final class ReadyMadeSourceTask extends SourceTask {

    static final String TOPIC = "kafka.topic";
    static final String RUN = "run";
    static final String MESSAGES = "messages";
    static final String PAYLOAD_BYTES = "payload.bytes";

    private static final int AT_ONCE = 2_000;
    private static final int KEYS = 16;
    private static final long NOTHING_MORE_MS = 500;

    private final CountDownLatch stopped = new CountDownLatch(1);
    private String topic = "";
    private int run;
    private int left;
    private int payloadBytes;
    private int sequence;

    @Override
    public String version() {
        return "1";
    }

    @Override
    public void start(Map<String, String> props) {
        topic = String.valueOf(props.get(TOPIC));
        run = Integer.parseInt(String.valueOf(props.get(RUN)));
        left = Integer.parseInt(String.valueOf(props.get(MESSAGES)));
        payloadBytes = Integer.parseInt(String.valueOf(props.get(PAYLOAD_BYTES)));
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        if (left == 0) {
            stopped.await(NOTHING_MORE_MS, TimeUnit.MILLISECONDS);
            return null;
        }
        List<SourceRecord> records = new ArrayList<>(AT_ONCE);
        for (int i = 0; i < AT_ONCE && left > 0; i++, left--, sequence++) {
            byte[] payload = new byte[payloadBytes];
            Stamp.write(ByteBuffer.wrap(payload), run, 0, sequence, System.nanoTime());
            records.add(new SourceRecord(
                    Map.of("source", 0),
                    Map.of("position", sequence),
                    topic,
                    Schema.STRING_SCHEMA,
                    "bench/" + sequence % KEYS,
                    Schema.BYTES_SCHEMA,
                    payload));
        }
        return records;
    }

    @Override
    public void stop() {
        stopped.countDown();
    }
}
