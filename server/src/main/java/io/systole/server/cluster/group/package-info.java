// SPDX-License-Identifier: Apache-2.0
/**
 * The group of members that can reach each other, and the messages between them: membership,
 * failure detection, discovery and multicast on JGroups, whose types stay inside this package.
 */
@NullMarked
package io.systole.server.cluster.group;

import org.jspecify.annotations.NullMarked;
