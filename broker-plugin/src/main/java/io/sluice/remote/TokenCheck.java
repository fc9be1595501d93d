package io.sluice.remote;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.sluice.remote.DrainStats.Refusal;
import io.sluice.tls.Tokens;
import java.net.SocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who shows a token that the broker knows, as a bearer token (RFC 6750), and keeps a place for whom it lets in.
 *
 * @param tokens empty: it lets in everybody
 */
record TokenCheck(Optional<Tokens> tokens, WorkerPlaces places, Refusals refusals) implements ServerInterceptor {

    static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    static final String SCHEME = "Bearer ";

    /** By what the caller was let in; none where no token is asked for. */
    private static final Context.Key<Tokens.Admission> ADMISSION = Context.key("admission");

    /** By what the caller of the present call was let in; empty if no token is asked for. */
    static Optional<Tokens.Admission> admission() {
        return Optional.ofNullable(ADMISSION.get());
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        @Nullable SocketAddress from = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (tokens.isEmpty()) {
            places.letIn(from, Optional.empty());
            return next.startCall(call, headers);
        }
        @Nullable String shown = headers.get(AUTHORIZATION);
        Optional<Tokens.Admission> admission = Optional.ofNullable(shown)
                .filter(text -> text.startsWith(SCHEME))
                .flatMap(text -> tokens.get().admission(text.substring(SCHEME.length())));
        if (admission.isPresent()) {
            places.letIn(from, admission);
            return Contexts.interceptCall(Context.current().withValue(ADMISSION, admission.get()), call, headers, next);
        }
        String why = shown == null ? "it shows no token" : "it shows a token that the broker does not know";
        refusals.refused(Refusal.TOKEN, Refusals.worker(from), why);
        call.close(Status.UNAUTHENTICATED.withDescription(why), new Metadata());
        places.refuse(from);
        return new ServerCall.Listener<>() {};
    }
}
