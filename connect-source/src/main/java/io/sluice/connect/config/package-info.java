/**
 * What users configure: keys, documentation, defaults, checks.
 *
 * <p>{@link io.sluice.connect.config.SourceConfig} is the entry. It is put together from groups: each owns its keys,
 * says what is wrong with their values, alone and together, and hands them out as the types of the package that works with
 * them. No key is named outside its group.
 */
@NullMarked
package io.sluice.connect.config;

import org.jspecify.annotations.NullMarked;
