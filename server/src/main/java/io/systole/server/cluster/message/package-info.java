// SPDX-License-Identifier: Apache-2.0
/**
 * The messages between the members of a native cluster, and their bytes. Without state of the
 * registry, and without I/O.
 */
@NullMarked
package io.systole.server.cluster.message;

import org.jspecify.annotations.NullMarked;
