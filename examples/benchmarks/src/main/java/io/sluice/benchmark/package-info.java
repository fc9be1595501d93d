/**
 * The benchmark that anybody can run: Sluice beside what people would build or use instead, in the same run, and beside
 * what limits them all.
 *
 * <p>{@link io.sluice.benchmark.Benchmark} is the entry. A {@link io.sluice.benchmark.Stage} has every
 * process, a {@link io.sluice.benchmark.LoadGenerator} publishes to a {@link
 * io.sluice.benchmark.Contender}, and a {@link io.sluice.benchmark.KafkaTail} sees what Kafka holds in
 * the end; {@link io.sluice.benchmark.Suite} says what is measured, {@link io.sluice.benchmark.Report}
 * writes it down.
 */
@NullMarked
package io.sluice.benchmark;

import org.jspecify.annotations.NullMarked;
