// SPDX-License-Identifier: Apache-2.0
/**
 * TLS options of the heartbeat client and of the registry mirror, and the contexts made of them.
 *
 * <p>PEM files come from the caller, contexts go to whoever opens connections. Nothing here opens
 * one.
 */
@NullMarked
package io.systole.client.tls;

import org.jspecify.annotations.NullMarked;
