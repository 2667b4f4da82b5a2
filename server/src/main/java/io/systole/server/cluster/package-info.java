// SPDX-License-Identifier: Apache-2.0
/** The native cluster: members that hold the same registry, in which a renewal is a bit. */
@NullMarked
package io.systole.server.cluster;

import org.jspecify.annotations.NullMarked;
