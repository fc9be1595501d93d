/**
 * Schemas of payloads: what Kafka Connect calls the values that are read with them, and how they are read.
 *
 * <p>{@link io.sluice.connect.format.schema.PayloadSchema} is the entry: it is made of an Avro schema or a JSON Schema, and
 * reads JSON. Both become a tree of {@link io.sluice.connect.format.schema.JsonType}s, each of which knows its schema of
 * Kafka Connect.
 */
@NullMarked
package io.sluice.connect.format.schema;

import org.jspecify.annotations.NullMarked;
