/**
 * The broker's configuration, wherever it is written: {@link io.sluice.broker.config.BrokerKeys} is the table of keys,
 * {@link io.sluice.broker.config.BrokerSettings} makes a broker's configuration of their values.
 */
@NullMarked
package io.sluice.broker.config;

import org.jspecify.annotations.NullMarked;
