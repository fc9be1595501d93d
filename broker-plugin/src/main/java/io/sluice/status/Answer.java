package io.sluice.status;

import java.nio.charset.StandardCharsets;

/**
 * The answer to a request.
 *
 * @param status of HTTP
 * @param contentType the type of the body
 * @param body the body
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
record Answer(int status, String contentType, byte[] body) {

    static final int OK = 200;
    static final int BAD_REQUEST = 400;
    static final int UNAUTHORIZED = 401;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405;
    static final int TOO_LARGE = 413;
    static final int TOO_MANY = 429;
    static final int FAILED = 500;
    static final int UNAVAILABLE = 503;

    static Answer json(byte[] body) {
        return new Answer(OK, StatusJson.CONTENT_TYPE, body);
    }

    static Answer metrics(String text) {
        return new Answer(OK, PrometheusText.CONTENT_TYPE, text.getBytes(StandardCharsets.UTF_8));
    }

    static Answer health(HealthReport report, boolean isDetailed) {
        return new Answer(
                report.isUp() ? OK : UNAVAILABLE, StatusJson.CONTENT_TYPE, StatusJson.health(report, isDetailed));
    }

    /** An answer that says in a sentence what is wrong. */
    static Answer error(int status, String sentence) {
        return new Answer(status, StatusJson.CONTENT_TYPE, StatusJson.error(sentence));
    }
}
