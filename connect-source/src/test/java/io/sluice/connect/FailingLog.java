package io.sluice.connect;

import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** Lets a logger throw, as one does that is set up to do so when its disk is full, until it is closed. */
public final class FailingLog implements AutoCloseable {

    /** Of what is thrown. */
    public static final String MESSAGE = "no space left on device";

    private final Logger logger;
    private final AbstractAppender appender;

    private FailingLog(Logger logger, AbstractAppender appender) {
        this.logger = logger;
        this.appender = appender;
    }

    /**
     * Begins.
     *
     * @param name of the logger
     * @param parts of the lines at which it throws
     */
    public static FailingLog at(String name, String... parts) {
        AbstractAppender appender = new AbstractAppender("failing", null, null, false, Property.EMPTY_ARRAY) {
            @Override
            public void append(LogEvent event) {
                String line = event.getMessage().getFormattedMessage();
                if (List.of(parts).stream().anyMatch(line::contains)) {
                    throw new IllegalStateException(MESSAGE);
                }
            }
        };
        appender.start();
        Logger logger = (Logger) LogManager.getLogger(name);
        logger.addAppender(appender);
        return new FailingLog(logger, appender);
    }

    @Override
    public void close() {
        logger.removeAppender(appender);
    }
}
