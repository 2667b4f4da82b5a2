// SPDX-License-Identifier: Apache-2.0
/** The clock of servers, clients and load generators: nothing else reads the system's time. */
@NullMarked
package io.systole.protocol.time;

import org.jspecify.annotations.NullMarked;
