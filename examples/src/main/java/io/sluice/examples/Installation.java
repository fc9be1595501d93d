package io.sluice.examples;

import java.nio.file.Path;

/**
 * What the build has made ready to run.
 *
 * @param archive the connector's zip
 * @param kafkaLibraries folder with the jars of Kafka and Connect
 */
record Installation(Path archive, Path kafkaLibraries) {}
