// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What decides whom a client trusts over TLS and as whom it comes, all PEM files.
 *
 * @param authorities certificates to trust, and no others; null leaves it to the JDK
 * @param certificates the client's own certificate with its chain; null comes as nobody
 * @param key the private key to it, PKCS #8 without password; null exactly when certificates are
 */
public record TlsFiles(
    @Nullable Path authorities,
    @Nullable Path certificates,
    @Nullable Path key) {

  /** The JDK's trust, and no certificate of one's own. */
  public static final TlsFiles NONE = new TlsFiles(null, null, null);

  /**
   * Reads the files. Servers must show a certificate for the host of their URL (RFC 9110 §4.3.4).
   *
   * @throws IllegalArgumentException when one cannot be used
   */
  public SslContext context() {
    try {
      SslContextBuilder builder = SslContextBuilder.forClient()
          .sslProvider(SslProvider.JDK)
          .endpointIdentificationAlgorithm("HTTPS");
      if (authorities != null) {
        builder.trustManager(authorities.toFile());
      }
      if (certificates != null && key != null) {
        builder.keyManager(certificates.toFile(), key.toFile());
      }
      return builder.build();
    } catch (IOException e) {
      throw unusable(e);
    } catch (IllegalArgumentException e) {
      throw unusable(e);
    }
  }

  private IllegalArgumentException unusable(Exception cause) {
    return new IllegalArgumentException(
        "cannot use the TLS files authorities=" + authorities + " certificates=" + certificates
            + " key=" + key + ": " + cause.getMessage(),
        cause);
  }
}
