// SPDX-License-Identifier: Apache-2.0
/**
 * The options of the node with their units, defaults and ranges, read from flags, environment and
 * file, and validated at startup and before each reload.
 */
@NullMarked
package io.systole.server.config;

import org.jspecify.annotations.NullMarked;
