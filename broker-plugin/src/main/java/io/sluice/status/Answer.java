package io.sluice.status;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** The answer to a request. */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
record Answer(HttpResponseStatus status, String contentType, byte[] body) {

    static Answer json(byte[] body) {
        return new Answer(HttpResponseStatus.OK, StatusJson.CONTENT_TYPE, body);
    }

    static Answer metrics(String text) {
        return new Answer(HttpResponseStatus.OK, PrometheusText.CONTENT_TYPE, text.getBytes(StandardCharsets.UTF_8));
    }

    static Answer health(HealthReport report, boolean isDetailed) {
        return new Answer(
                report.isUp() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE,
                StatusJson.CONTENT_TYPE,
                StatusJson.health(report, isDetailed));
    }

    /** An answer that says in a sentence what is wrong. */
    static Answer error(HttpResponseStatus status, String sentence) {
        return new Answer(status, StatusJson.CONTENT_TYPE, StatusJson.error(sentence));
    }
}
