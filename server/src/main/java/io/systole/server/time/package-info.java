// SPDX-License-Identifier: Apache-2.0
/** Time is injected: the one seam between the node and the machine's clocks. */
@NullMarked
package io.systole.server.time;

import org.jspecify.annotations.NullMarked;
