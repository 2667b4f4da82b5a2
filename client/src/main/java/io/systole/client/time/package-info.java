// SPDX-License-Identifier: Apache-2.0
/**
 * The one seam between the client and time, so that tests can turn the hands.
 *
 * <p>Nothing else in the client reads a clock of the JDK.
 */
@NullMarked
package io.systole.client.time;

import org.jspecify.annotations.NullMarked;
