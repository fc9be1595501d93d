package io.sluice;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What a logger is told: during each test if it is registered as an extension, else until it is closed. */
public final class LoggedEvents implements BeforeEachCallback, AfterEachCallback, AutoCloseable {

    private final List<LogEvent> events = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final AbstractAppender appender = new AbstractAppender("events", null, null, true, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
            events.add(event.toImmutable());
        }
    };

    private LoggedEvents(String logger) {
        this.logger = (Logger) LogManager.getLogger(logger);
        appender.start();
    }

    /** Those of a logger, to be registered as an extension. */
    public static LoggedEvents of(String logger) {
        return new LoggedEvents(logger);
    }

    /** Those of a logger from now on. */
    public static LoggedEvents since(String logger) {
        LoggedEvents logged = new LoggedEvents(logger);
        logged.logger.addAppender(logged.appender);
        return logged;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        logger.addAppender(appender);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        close();
    }

    @Override
    public void close() {
        logger.removeAppender(appender);
    }

    public List<LogEvent> events() {
        return events;
    }

    /** The messages, without level, time and trace. */
    public List<String> lines() {
        return events.stream()
                .map(event -> event.getMessage().getFormattedMessage())
                .toList();
    }
}
