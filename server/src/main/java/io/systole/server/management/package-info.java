// SPDX-License-Identifier: Apache-2.0
/**
 * The management endpoints: lists and explanations of applications and instances, the node itself,
 * the simulation of evictions, and changes by operators. JSON over HTTP, apart from the protocol.
 * Decisions are made in registry and eviction, which also has the sentences on them; this package
 * formats them.
 */
@NullMarked
package io.systole.server.management;

import org.jspecify.annotations.NullMarked;
