package io.sluice.broker.hostile;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.buffer.PooledByteBufAllocator;
import io.sluice.broker.server.BrokerServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.charset.StandardCharsets;

/** The standalone broker as its archive starts it, which says what it holds each time a line comes to its input. */
public final class Victim {

    /** What the answers begin with. */
    static final String ANSWER = "held: ";

    private Victim() {}

    /** Runs the broker until it is ended. */
    public static void main(String[] arguments) {
        Thread answering = new Thread(Victim::answer, "answers");
        answering.setDaemon(true);
        answering.start();
        BrokerServer.main(arguments);
    }

    private static void answer() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        UnixOperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class);
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String question = in.readLine(); question != null; question = in.readLine()) {
                memory.gc();
                System.out.println(
                        ANSWER + question + " " + memory.getHeapMemoryUsage().getUsed() + " "
                                + PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() + " "
                                + system.getOpenFileDescriptorCount());
            }
        } catch (IOException e) {
            // Nobody asks any more.
        }
    }
}
