// SPDX-License-Identifier: Apache-2.0
/** The clock, injected everywhere: nothing else reads the system's time. */
@NullMarked
package io.systole.server.time;

import org.jspecify.annotations.NullMarked;
