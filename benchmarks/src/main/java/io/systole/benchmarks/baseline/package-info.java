// SPDX-License-Identifier: Apache-2.0
/**
 * The servers and registries that Systole is compared with: a server on the HTTP codec of Netty, a
 * handler that returns a constant, and the registry of Netflix without its container. Each is what
 * an experienced developer would write and ship. Depends on no other package of this module.
 */
@NullMarked
package io.systole.benchmarks.baseline;

import org.jspecify.annotations.NullMarked;
