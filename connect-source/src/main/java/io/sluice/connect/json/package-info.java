/**
 * The JSON that devices write, read as leniently as they write it: {@link io.sluice.connect.json.JsonPayload}.
 */
@NullMarked
package io.sluice.connect.json;

import org.jspecify.annotations.NullMarked;
