/**
 * What is wrong with an installation, and what helps: {@link io.sluice.tools.doctor.WorkerExam} asks the worker, {@link
 * io.sluice.tools.doctor.KafkaExam} Kafka, {@link io.sluice.tools.doctor.PlaceExam} looks at listeners, certificates and disks, and {@link
 * io.sluice.tools.doctor.HardeningExam} at what keeps strangers out.
 */
@NullMarked
package io.sluice.tools.doctor;

import org.jspecify.annotations.NullMarked;
