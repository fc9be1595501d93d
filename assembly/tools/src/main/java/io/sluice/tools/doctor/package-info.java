/**
 * What is wrong with an installation, and what helps: {@link io.sluice.tools.doctor.WorkerExam} asks the worker, {@link
 * io.sluice.tools.doctor.KafkaExam} Kafka, and {@link io.sluice.tools.doctor.PlaceExam} listeners, certificates and disks.
 */
@NullMarked
package io.sluice.tools.doctor;

import org.jspecify.annotations.NullMarked;
