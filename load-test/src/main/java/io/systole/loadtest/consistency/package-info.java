// SPDX-License-Identifier: Apache-2.0
/**
 * Comparison of the registries of several servers, instance by instance.
 *
 * <p>Full registries are read one server after the other, over the network only. Equal instances
 * are held once, so the memory is that of one registry plus the differences.
 */
@NullMarked
package io.systole.loadtest.consistency;

import org.jspecify.annotations.NullMarked;
