// SPDX-License-Identifier: Apache-2.0
/**
 * The management endpoints: diagnostics and simulation of evictions, and evictions and extensions
 * by operators. JSON over HTTP, apart from the protocol. Decisions are made in registry and
 * eviction; this package formats them.
 */
@NullMarked
package io.systole.server.management;

import org.jspecify.annotations.NullMarked;
