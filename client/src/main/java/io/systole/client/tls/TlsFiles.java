// SPDX-License-Identifier: Apache-2.0
package io.systole.client.tls;

import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The PEM files that decide which servers a client trusts over TLS and which certificate it
 * presents. Files that change are read again; see {@code client/README.md}.
 *
 * @param authorities certificates to trust, and no others; null leaves it to the JDK
 * @param certificates the client's own certificate with its chain; null presents none
 * @param key the private key to it, PKCS #8 without password; null exactly when certificates are
 */
public record TlsFiles(
    @Nullable Path authorities,
    @Nullable Path certificates,
    @Nullable Path key) {

  /** The JDK's trust, and no certificate of one's own. */
  public static final TlsFiles NONE = new TlsFiles(null, null, null);

  /** @throws IllegalArgumentException when only one of certificates and key is given */
  public TlsFiles {
    if ((certificates == null) != (key == null)) {
      throw new IllegalArgumentException(
          "certificates and key must be given together: certificates=" + certificates + " key="
              + key);
    }
  }

  /** Returns files that trust these certificates and no others, a PEM file. */
  public static TlsFiles trusting(Path authorities) {
    return new TlsFiles(Objects.requireNonNull(authorities, "authorities"), null, null);
  }

  /**
   * Returns these files with a certificate to present.
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

  /** Returns the files that are given. */
  Stream<Path> all() {
    return Stream.of(authorities, certificates, key).filter(Objects::nonNull).map(Path.class::cast);
  }
}
