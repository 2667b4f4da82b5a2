// SPDX-License-Identifier: Apache-2.0
/**
 * TLS options of the heartbeat client and of the registry mirror, and the contexts built from them.
 *
 * <p>PEM files come from the application; contexts go to the code that opens connections.
 */
@NullMarked
package io.systole.client.tls;

import org.jspecify.annotations.NullMarked;
