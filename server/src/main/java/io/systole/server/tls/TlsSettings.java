// SPDX-License-Identifier: Apache-2.0
package io.systole.server.tls;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The TLS settings of a listening address.
 *
 * @param certificates the node's certificate with its chain, PEM
 * @param key the private key, PEM, PKCS #8 without password
 * @param clientAuthorities certificates by which client certificates are trusted, PEM; null if and
 *     only if clients present none
 */
public record TlsSettings(
    Path certificates,
    Path key,
    @Nullable Path clientAuthorities,
    ClientCertificate clientCertificate,
    TlsProvider provider) {

  /** Whether clients present a certificate. */
  public enum ClientCertificate {
    NONE,
    /** Requested; a client may have none, but not an untrusted one. */
    OPTIONAL,
    REQUIRED
  }

  /** An implementation of TLS. */
  public enum TlsProvider {
    JDK,
    /** BoringSSL by netty-tcnative, which must be on the class path. */
    OPENSSL
  }

  /** @throws IllegalArgumentException if client certificates are requested without authorities */
  public TlsSettings {
    if ((clientAuthorities == null) != (clientCertificate == ClientCertificate.NONE)) {
      throw new IllegalArgumentException("clientAuthorities=" + clientAuthorities
          + " and clientCertificate=" + clientCertificate + " exclude each other");
    }
  }
}
