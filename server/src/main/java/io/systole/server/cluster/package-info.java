// SPDX-License-Identifier: Apache-2.0
/**
 * The native cluster: each member replicates its registry to the others, renewals as bit sets. The
 * state here is that beside the registry: stamps, lease ids, digests and tombstones. Changes come
 * from the registry's log and from other members through {@code group}, and go back to both.
 * {@code message} has the encoding; JGroups, HTTP and the options of the node do not belong here.
 */
@NullMarked
package io.systole.server.cluster;

import org.jspecify.annotations.NullMarked;
