// SPDX-License-Identifier: Apache-2.0
/**
 * The group of members that can reach each other, and the transport of messages between them:
 * membership, failure detection, discovery, admission and multicast on JGroups, whose types stay in
 * this package. Messages are opaque bytes, from and to {@code io.systole.server.cluster}.
 */
@NullMarked
package io.systole.server.cluster.group;

import org.jspecify.annotations.NullMarked;
