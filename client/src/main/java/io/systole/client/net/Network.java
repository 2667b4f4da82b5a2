// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import org.jspecify.annotations.Nullable;

/**
 * The network resources shared by all event loops of a client.
 *
 * @param tls null if no server uses TLS
 * @param sources local addresses of new connections
 * @param resumesTls whether handshakes may resume the session of an earlier connection
 */
public record Network(
    Transport transport,
    @Nullable TlsContext tls,
    NameResolver names,
    LocalAddresses sources,
    boolean resumesTls) {}
