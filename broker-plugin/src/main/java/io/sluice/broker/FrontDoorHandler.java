package io.sluice.broker;

import io.moquette.broker.NettyUtils;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection's front door: sees every packet before Moquette does, and every packet of Moquette's before the
 * client does.
 *
 * <p>Moquette loses what is sent right behind CONNECT, so packets are held until CONNACK comes by. From then on a
 * {@link Conversation} deals with them.
 */
final class FrontDoorHandler extends ChannelDuplexHandler {

    private static final Logger LOG = LoggerFactory.getLogger(FrontDoorHandler.class);

    private static final long LET_GO_MS = 1_000;

    private final FrontDoor door;
    private final Inbox inbox;
    private boolean connectSeen;
    /** Its client identifier, while this connection is being let in. */
    private String arriving = "";

    private boolean speaksMqtt5;
    private boolean cleanStart;
    private long sessionExpirySeconds;
    private Optional<Will> will = Optional.empty();
    private boolean refused;
    private boolean flushIsDue;
    private @Nullable ChannelPromise connackPromise;
    private volatile @Nullable Conversation conversation;

    FrontDoorHandler(FrontDoor door, Inbox inbox) {
        this.door = door;
        this.inbox = inbox;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object read) {
        MqttMessage packet = (MqttMessage) read;
        Conversation current = conversation;
        if (refused) {
            ReferenceCountUtil.release(packet);
        } else if (packet.decoderResult().isFailure()) {
            boolean tooLarge = packet.decoderResult().cause() instanceof TooLongFrameException;
            ReferenceCountUtil.release(packet);
            refuse(ctx, tooLarge ? Reason.PACKET_TOO_LARGE : Reason.MALFORMED_PACKET);
        } else if (packet.fixedHeader().messageType() == MqttMessageType.CONNECT && !connectSeen) {
            connectSeen = true;
            connect(ctx, (MqttConnectMessage) packet);
        } else if (packet.fixedHeader().messageType() == MqttMessageType.CONNECT || !connectSeen) {
            // [MQTT-3.1.0-1] and [MQTT-3.1.0-2]: the first packet is CONNECT, and no other one is.
            ReferenceCountUtil.release(packet);
            refuse(ctx, Reason.PROTOCOL_ERROR);
        } else if (current == null) {
            inbox.add(packet);
        } else {
            current.receive(packet);
        }
    }

    private void connect(ChannelHandlerContext ctx, MqttConnectMessage connect) {
        speaksMqtt5 = connect.variableHeader().version() == MqttVersion.MQTT_5.protocolLevel();
        cleanStart = connect.variableHeader().isCleanSession();
        sessionExpirySeconds = Packets.grantSessionExpiry(connect, door.terms().maxSessionExpirySeconds());
        will = Will.of(connect);
        Reason reason = will.map(wanted -> checkWill(connect, wanted)).orElse(Reason.SUCCESS);
        if (reason == Reason.SUCCESS) {
            String clientId = Objects.requireNonNullElse(connect.payload().clientIdentifier(), "");
            if (clientId.isEmpty()) {
                ctx.fireChannelRead(connect);
            } else {
                door.arrivals().begin(clientId, () -> ctx.executor().execute(() -> arrive(ctx, connect, clientId)));
            }
        } else {
            refused = true;
            LOG.info(
                    "Refusing client '{}': its will may not be published ({})",
                    connect.payload().clientIdentifier(),
                    reason);
            ctx.writeAndFlush(Packets.connackRefusing(speaksMqtt5, reason)).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void arrive(ChannelHandlerContext ctx, MqttConnectMessage connect, String clientId) {
        arriving = clientId;
        if (refused) {
            arrived();
        } else {
            ctx.fireChannelRead(connect);
        }
    }

    /** The client is in, refused or gone: the next connection under its name may come. Idempotent. */
    private void arrived() {
        if (!arriving.isEmpty()) {
            String clientId = arriving;
            arriving = "";
            door.arrivals().end(clientId);
        }
    }

    /** Moquette asks nobody before it publishes a will. */
    private Reason checkWill(MqttConnectMessage connect, Will wanted) {
        Client claimed = new Client(
                Objects.requireNonNullElse(connect.payload().clientIdentifier(), ""),
                Optional.ofNullable(connect.payload().userName()),
                speaksMqtt5,
                cleanStart,
                sessionExpirySeconds);
        return PublishCheck.checkTopic(wanted.topic(), door.authorizator(), claimed);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        Conversation current = conversation;
        if (current != null && !refused) {
            current.proceed();
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object written, ChannelPromise promise) {
        Conversation current = conversation;
        if (written instanceof MqttConnAckMessage connack) {
            if (connack.variableHeader().connectReturnCode() == MqttConnectReturnCode.CONNECTION_ACCEPTED) {
                letIn(ctx, connack, promise);
                return;
            }
            arrived();
        } else if (current != null && written instanceof MqttMessage packet && current.takes(packet)) {
            ReferenceCountUtil.release(packet);
            promise.trySuccess();
            return;
        } else if (current != null && written instanceof MqttMessage packet && changesSession(packet)) {
            MqttMessage answer = current.explained(packet);
            door.sessions().whenSafe(current.client(), ctx.executor(), () -> ctx.writeAndFlush(answer, promise));
            return;
        }
        flushIsDue = true;
        ctx.write(written, promise);
    }

    /** Whether the client may rely, from this answer on, on its session being another than before. */
    private static boolean changesSession(MqttMessage answer) {
        MqttMessageType type = answer.fixedHeader().messageType();
        return type == MqttMessageType.SUBACK || type == MqttMessageType.UNSUBACK;
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        // Moquette flushes after every packet, also after those that went no further than here.
        if (flushIsDue) {
            flushIsDue = false;
            ctx.flush();
        }
    }

    private void letIn(ChannelHandlerContext ctx, MqttConnAckMessage connack, ChannelPromise promise) {
        Client client = new Client(
                NettyUtils.clientID(ctx.channel()),
                Optional.ofNullable(NettyUtils.userName(ctx.channel())),
                speaksMqtt5,
                cleanStart,
                sessionExpirySeconds);
        boolean sessionContinues = connack.variableHeader().isSessionPresent();
        if (speaksMqtt5) {
            tellTerms(connack.variableHeader().properties());
        }
        Conversation begun =
                new Conversation(ctx, door, client, sessionContinues, inbox, will, reason -> refuse(ctx, reason));
        conversation = begun;
        door.letIn(ctx.channel());
        door.wills().arrived(client.id(), begun, sessionContinues);
        connackPromise = promise;
        begun.begin(
                sessionContinues,
                () -> door.sessions().whenSafe(client, ctx.executor(), () -> {
                    promise.addListener(sent -> {
                        if (sent.isSuccess()) {
                            begun.connackSent();
                        }
                    });
                    ctx.writeAndFlush(connack, promise);
                }),
                this::arrived);
    }

    /** Instead of what Moquette would say: that it has shared subscriptions, and that no session expires. */
    private void tellTerms(MqttProperties connack) {
        connack.add(new IntegerProperty(MqttPropertyType.SHARED_SUBSCRIPTION_AVAILABLE.value(), 0));
        connack.add(new IntegerProperty(MqttPropertyType.RECEIVE_MAXIMUM.value(), FrontDoor.RECEIVE_MAXIMUM));
        connack.add(new IntegerProperty(
                MqttPropertyType.MAXIMUM_PACKET_SIZE.value(), door.terms().maxPacketBytes()));
        connack.add(new IntegerProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value(), (int) sessionExpirySeconds));
    }

    private void refuse(ChannelHandlerContext ctx, Reason reason) {
        if (refused) {
            return;
        }
        refused = true;
        LOG.info("Closing the connection of {}: {}", this, reason);
        Conversation current = conversation;
        if (current != null) {
            current.stop();
            if (speaksMqtt5) {
                ctx.writeAndFlush(Packets.disconnect(reason)).addListener(ChannelFutureListener.CLOSE);
                return;
            }
        }
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        refused = true;
        if (connackPromise != null) {
            // Moquette waits for it before it lets go of the session; if it was sent, this does nothing.
            connackPromise.tryFailure(new ClosedChannelException());
        }
        Conversation current = conversation;
        if (current != null) {
            current.end();
        }
        inbox.close();
        ctx.fireChannelInactive();
        if (!arriving.isEmpty()) {
            // Moquette may still be letting it in, and would take the session from under whoever comes next.
            ctx.executor().schedule(this::arrived, LET_GO_MS, TimeUnit.MILLISECONDS);
        }
    }

    /** Who is at the other end, for the log. */
    @Override
    public String toString() {
        Conversation current = conversation;
        return current == null
                ? "a client that has not been let in"
                : "client '" + current.client().id() + "'";
    }
}
