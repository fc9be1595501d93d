/** What the Kafka integrations of RobustMQ and TBMQ are configured with, as connectors that do the same. */
@NullMarked
package io.sluice.tools.migrate;

import org.jspecify.annotations.NullMarked;
