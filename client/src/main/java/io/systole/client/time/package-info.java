// SPDX-License-Identifier: Apache-2.0
/** The clock of the client, replaceable in tests. No other class reads the system clock. */
@NullMarked
package io.systole.client.time;

import org.jspecify.annotations.NullMarked;
