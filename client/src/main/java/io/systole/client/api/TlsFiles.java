// SPDX-License-Identifier: Apache-2.0
package io.systole.client.api;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The PEM files for TLS: trusted certificates and the client's own identity. Changed files are
 * reloaded.
 *
 * @param authorities trusted certificates, replacing the JDK's; null for the JDK's
 * @param certificates the client's certificate with its chain; null for none
 * @param key the private key, PKCS #8 without password; null if and only if certificates is null
 */
public record TlsFiles(
    @Nullable Path authorities,
    @Nullable Path certificates,
    @Nullable Path key) {

  /** The JDK's trusted certificates and no client certificate. */
  public static final TlsFiles NONE = new TlsFiles(null, null, null);

  /** @throws IllegalArgumentException if only one of certificates and key is given */
  public TlsFiles {
    if ((certificates == null) != (key == null)) {
      throw new IllegalArgumentException(
          "certificates and key must be given together: certificates=" + certificates + " key="
              + key);
    }
  }

  /** Returns files that trust only the certificates in a PEM file. */
  public static TlsFiles trusting(Path authorities) {
    return new TlsFiles(Objects.requireNonNull(authorities, "authorities"), null, null);
  }

  /**
   * Returns these files with a client certificate.
   *
   * @param certificates the client's certificate with its chain, PEM
   * @param key the private key, PEM, PKCS #8 without password
   */
  public TlsFiles withIdentity(Path certificates, Path key) {
    return new TlsFiles(
        authorities,
        Objects.requireNonNull(certificates, "certificates"),
        Objects.requireNonNull(key, "key"));
  }
}
