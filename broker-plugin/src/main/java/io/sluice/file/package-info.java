/**
 * The files of a store: everything that a store asks of a disk passes through {@link io.sluice.file.Folder}, so that
 * tests can fill the disk, break it, and cut its power at any moment. {@link io.sluice.file.FollowedFile} is for files that
 * operators write.
 */
@NullMarked
package io.sluice.file;

import org.jspecify.annotations.NullMarked;
