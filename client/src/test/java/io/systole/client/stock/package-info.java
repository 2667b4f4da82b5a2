// SPDX-License-Identifier: Apache-2.0
/**
 * Tests of the client with unmodified stock servers, each in a separate process. The build packages
 * them under {@code target/stock-servers}, outside the tests' class path. Their contents are read
 * without the client's own codec.
 */
@NullMarked
package io.systole.client.stock;

import org.jspecify.annotations.NullMarked;
