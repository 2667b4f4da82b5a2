// SPDX-License-Identifier: Apache-2.0
/**
 * The listeners, events and options that applications and the client's internal packages share.
 *
 * <p>Together with {@code io.systole.client} and {@code io.systole.client.mirror} this is the
 * public API; the other packages of the client are internal.
 */
@NullMarked
package io.systole.client.api;

import org.jspecify.annotations.NullMarked;
