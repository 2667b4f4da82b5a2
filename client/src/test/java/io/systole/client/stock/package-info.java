// SPDX-License-Identifier: Apache-2.0
/**
 * The client at other people's servers, unmodified, each a process of its own. The build packs them
 * under {@code target/stock-servers}, outside the tests' class path. What a server holds is read by
 * other means than the client's own codec.
 */
@NullMarked
package io.systole.client.stock;

import org.jspecify.annotations.NullMarked;
