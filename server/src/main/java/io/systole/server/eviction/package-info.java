// SPDX-License-Identifier: Apache-2.0
/** The timer that ends expired leases. It decides nothing about a single lease: the lease does. */
@NullMarked
package io.systole.server.eviction;

import org.jspecify.annotations.NullMarked;
