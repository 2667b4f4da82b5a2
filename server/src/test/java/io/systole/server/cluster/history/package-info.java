// SPDX-License-Identifier: Apache-2.0
/**
 * Recorded requests to the members of a native cluster and the faults of the members, and the model
 * of what the members may answer. Without processes and sockets.
 */
@NullMarked
package io.systole.server.cluster.history;

import org.jspecify.annotations.NullMarked;
