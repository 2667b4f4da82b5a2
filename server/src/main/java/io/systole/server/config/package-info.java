// SPDX-License-Identifier: Apache-2.0
/**
 * Every option of the node with its unit, default and range, in one table; read and validated once
 * at start.
 */
@NullMarked
package io.systole.server.config;

import org.jspecify.annotations.NullMarked;
