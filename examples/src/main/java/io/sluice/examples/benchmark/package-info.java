/**
 * The benchmark that anybody can run: Sluice beside what people would build or use instead, in the same run, and beside
 * what limits them all.
 *
 * <p>{@link io.sluice.examples.benchmark.Benchmark} is the entry. A {@link io.sluice.examples.benchmark.Stage} has every
 * process, a {@link io.sluice.examples.benchmark.LoadGenerator} publishes to a {@link
 * io.sluice.examples.benchmark.Contender}, and a {@link io.sluice.examples.benchmark.KafkaTail} sees what Kafka holds in
 * the end; {@link io.sluice.examples.benchmark.Suite} says what is measured, {@link io.sluice.examples.benchmark.Report}
 * writes it down.
 */
@NullMarked
package io.sluice.examples.benchmark;

import org.jspecify.annotations.NullMarked;
