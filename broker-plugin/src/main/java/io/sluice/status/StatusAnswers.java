package io.sluice.status;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;

/** The questions that can be asked, and the answers. Thread-safe; no answer waits for anything. */
record StatusAnswers(StatusBoard board, ShownProcess process, boolean allowsDisconnect) {

    static final String EVENTS = "/v1/events";

    private static final String HEALTH = "/health";
    private static final String LIVE = HEALTH + "/live";
    private static final String CLIENTS = "/v1/clients";
    private static final String ONE_CLIENT = CLIENTS + "/";
    private static final String PATHS =
            "there are /health, /health/live, /health/ready, /metrics, /v1/status, /v1/events and /v1/clients";

    private static final int MOST_CLIENTS = 1_000;
    private static final int MOST_EVENTS = 500;

    /** Whether this may be asked without a token: probes have none. */
    static boolean isPublic(Question question) {
        return question.path().equals(HEALTH) || question.path().startsWith(HEALTH + "/");
    }

    /**
     * Whether answers to this are counted, so that there are not too many. A probe that was refused for what others ask would
     * end the process, and its question takes no lock.
     */
    static boolean isPaced(Question question) {
        return question.isDelete() || !question.path().equals(LIVE);
    }

    /**
     * @param isKnown whether the client may see everything
     * @throws Question.MistakeException if the question has a mistake
     */
    Answer to(Question question, boolean isKnown) {
        if (question.isDelete()) {
            return disconnect(question.path());
        }
        return switch (question.path()) {
            case HEALTH -> Answer.health(HealthReport.all(board, process), isKnown);
            case LIVE -> Answer.health(HealthReport.live(board), isKnown);
            case HEALTH + "/ready" -> Answer.health(HealthReport.ready(board, process), isKnown);
            case "/metrics" -> Answer.metrics(PrometheusText.of(board.samples()));
            case "/v1/status" -> Answer.json(StatusJson.status(process, board));
            case EVENTS -> Answer.json(StatusJson.events(events(question), board.startedAt()));
            case CLIENTS -> clients((int) question.number("limit", 100, MOST_CLIENTS));
            default ->
                question.path().startsWith(ONE_CLIENT)
                        ? client(question.path().substring(ONE_CLIENT.length()))
                        : Answer.error(HttpResponseStatus.NOT_FOUND, "There is no such page: " + PATHS);
        };
    }

    /** Whether the answer to a question about events would have none. */
    boolean hasNoEvents(Question question) {
        return events(question).events().isEmpty();
    }

    StatusEvents events() {
        return board.events();
    }

    private StatusEvents.Page events(Question question) {
        return board.events()
                .after(
                        question.number("after", 0, Long.MAX_VALUE),
                        (int) question.number("limit", MOST_EVENTS, MOST_EVENTS),
                        question.kind());
    }

    private Answer clients(int limit) {
        long total = board.brokers().stream()
                .mapToLong(broker -> broker.status().connectedClients())
                .sum();
        return Answer.json(StatusJson.clients(total, ClientsPage.some(board.brokers(), limit)));
    }

    private Answer client(String clientId) {
        return ClientsPage.of(board.brokers(), clientId)
                .map(client -> Answer.json(StatusJson.oneClient(client)))
                .orElseGet(StatusAnswers::notConnected);
    }

    private static Answer notConnected() {
        return Answer.error(HttpResponseStatus.NOT_FOUND, "No client of this identifier is connected");
    }

    private Answer disconnect(String path) {
        if (!path.startsWith(ONE_CLIENT)) {
            return Answer.error(
                    HttpResponseStatus.METHOD_NOT_ALLOWED, "Only a client can be deleted, as " + ONE_CLIENT + "ID");
        }
        if (!allowsDisconnect) {
            return Answer.error(
                    HttpResponseStatus.FORBIDDEN,
                    "This listener disconnects no client; status.allow.disconnect=true allows it");
        }
        String clientId = path.substring(ONE_CLIENT.length());
        List<ShownBroker> left = board.brokers().stream()
                .filter(broker -> broker.disconnect(clientId))
                .toList();
        return left.isEmpty() ? notConnected() : Answer.json(StatusJson.disconnected(left.size()));
    }
}
