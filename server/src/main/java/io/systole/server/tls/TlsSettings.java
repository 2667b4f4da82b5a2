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
 * @param options the options that name the files, for messages
 */
public record TlsSettings(
    Path certificates,
    Path key,
    @Nullable Path clientAuthorities,
    ClientCertificate clientCertificate,
    TlsProvider provider,
    FileOptions options) {

  /** The options that name the files, with their dashes. */
  public record FileOptions(String certificates, String key, String clientAuthorities) {
    /** Those of the main address. */
    public static final FileOptions MAIN =
        new FileOptions("--tls-certificate", "--tls-key", "--tls-client-ca");
  }

  /** Settings of the main address. */
  public TlsSettings(
      Path certificates,
      Path key,
      @Nullable Path clientAuthorities,
      ClientCertificate clientCertificate,
      TlsProvider provider) {
    this(certificates, key, clientAuthorities, clientCertificate, provider, FileOptions.MAIN);
  }

  /** The request for a certificate of the client. */
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

  /**
   * @throws IllegalArgumentException unless clientAuthorities is set if and only if client
   *     certificates are requested
   */
  public TlsSettings {
    if ((clientAuthorities == null) != (clientCertificate == ClientCertificate.NONE)) {
      throw new IllegalArgumentException("clientAuthorities=" + clientAuthorities
          + " and clientCertificate=" + clientCertificate + " exclude each other");
    }
  }
}
