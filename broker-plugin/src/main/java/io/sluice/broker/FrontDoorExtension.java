package io.sluice.broker;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ServerChannel;
import io.netty.util.AttributeKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The way into Moquette's pipelines: Netty calls it for every listener and every accepted connection of its class
 * loader.
 *
 * <p>Moquette offers no place in front of its own handler, so this uses Netty's extension point, named in {@code
 * META-INF/services} and switched on by a system property. Netty reads that property once, so the extension may be
 * missing without anybody being told: {@link #installDuring} says for which listeners it came, and a broker that has
 * another number of them must not stay up. Pipelines of other servers are left alone.
 */
public final class FrontDoorExtension extends ChannelInitializerExtension {

    private static final AttributeKey<FrontDoor> FRONT_DOOR = AttributeKey.valueOf(FrontDoorExtension.class, "door");
    private static final ThreadLocal<Consumer<ServerChannel>> LISTENERS = new ThreadLocal<>();

    /** Netty's service loader makes it. */
    public FrontDoorExtension() {}

    /** Makes Netty look for extensions, unless it has been told already or has already looked. */
    static void switchOn() {
        if (System.getProperty(EXTENSIONS_SYSTEM_PROPERTY) == null) {
            System.setProperty(EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
        }
    }

    /**
     * Runs something that starts listeners on this thread, and puts the door in front of each of them.
     *
     * @return the listeners that the door stands in front of, in the order in which they were started
     */
    static List<ServerChannel> installDuring(FrontDoor door, ServerStart start) throws Exception {
        List<ServerChannel> listeners = new ArrayList<>();
        forListeners(listener -> {
            standInFront(door, listener);
            listeners.add(listener);
        });
        try {
            start.run();
        } finally {
            LISTENERS.remove();
        }
        return listeners;
    }

    /** Does something with every listener that this thread starts from now on, before it opens. */
    static void forListeners(Consumer<ServerChannel> action) {
        LISTENERS.set(action);
    }

    /** Puts the door in front of a listener that has not been opened yet. */
    static void standInFront(FrontDoor door, ServerChannel listener) {
        listener.attr(FRONT_DOOR).set(door);
    }

    /** Starts a server's listeners. */
    interface ServerStart {
        void run() throws Exception;
    }

    @Override
    public void postInitializeServerListenerChannel(ServerChannel channel) {
        Optional.ofNullable(LISTENERS.get()).ifPresent(action -> action.accept(channel));
    }

    @Override
    public void postInitializeServerChildChannel(Channel channel) {
        Optional.ofNullable(channel.parent())
                .map(listener -> listener.attr(FRONT_DOOR).get())
                .ifPresent(door -> channel.pipeline().addLast(new ChannelInitializer<>() {
                    // Moquette's own initializer stands before this one, so its handlers are in place by now.
                    @Override
                    protected void initChannel(Channel child) {
                        door.enter(child.pipeline());
                    }
                }));
    }
}
