package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.RouteTrial;
import io.sluice.tools.doctor.Checkup;

/** What is wrong with a connector's configuration: rows of connector, key and mistake. */
final class Mistakes {

    private Mistakes() {}

    /** What the worker finds. */
    static ArrayNode ofWorker(ConnectClient connect, Connector connector) {
        ArrayNode mistakes = Common.JSON.createArrayNode();
        Checkup.mistakes(connect, connector)
                .forEach((key, sentences) -> sentences.forEach(sentence -> add(mistakes, connector, key, sentence)));
        return mistakes;
    }

    /** What this program finds itself. */
    static ArrayNode own(Connector connector) {
        ArrayNode mistakes = Common.JSON.createArrayNode();
        RouteTrial.mistakes(connector)
                .forEach((key, sentences) -> sentences.forEach(sentence -> add(mistakes, connector, key, sentence)));
        return mistakes;
    }

    private static void add(ArrayNode mistakes, Connector connector, String key, String mistake) {
        mistakes.addObject().put("connector", connector.name()).put("key", key).put("mistake", mistake);
    }
}
