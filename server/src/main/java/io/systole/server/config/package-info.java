// SPDX-License-Identifier: Apache-2.0
/**
 * The options of the node with their units, defaults and ranges, parsed and validated once at
 * startup.
 */
@NullMarked
package io.systole.server.config;

import org.jspecify.annotations.NullMarked;
