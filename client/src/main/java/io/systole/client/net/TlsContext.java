// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.systole.client.api.TlsFiles;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/**
 * A reloadable TLS context of clients, built from PEM files. Thread-safe.
 *
 * <p>Connections take {@link #current()} when they are opened; open connections keep theirs.
 * Changed files that cannot be used leave the context as it was, with one warning until they change
 * again.
 */
public final class TlsContext implements AutoCloseable {
  private final WatchedFiles<SslContext> context;

  /**
   * Reads the files. Server certificates must match the host of the URL (RFC 9110 §4.3.4).
   *
   * @throws IllegalArgumentException if a file cannot be used
   */
  public TlsContext(TlsFiles files) {
    context = new WatchedFiles<>("TLS files", PemFiles.pathsOf(files), previous -> read(files));
  }

  /** Returns the context for a new connection. */
  public SslContext current() {
    return context.current();
  }

  /** Returns the same context for JDK clients, which verify host names themselves. */
  public SSLContext currentOfJdk() {
    return ((JdkSslContext) current()).context();
  }

  /** Checks the files periodically until closed. Never on an event loop. */
  public void watch(Duration interval) {
    context.watch(interval);
  }

  /**
   * Reads the files again if they have changed; blocks meanwhile.
   *
   * @return whether there is a new context
   */
  public boolean reload() {
    return context.reload();
  }

  /** Stops checking the files. */
  @Override
  public void close() {
    context.close();
  }

  private static SslContext read(TlsFiles files) {
    try {
      SslContextBuilder builder = SslContextBuilder.forClient()
          .sslProvider(SslProvider.JDK)
          .endpointIdentificationAlgorithm("HTTPS");
      if (files.authorities() != null) {
        builder.trustManager(PemFiles.certificates(files.authorities()));
      }
      if (files.certificates() != null && files.key() != null) {
        PemFiles.Identity identity = PemFiles.identity(files.certificates(), files.key());
        builder.keyManager(identity.key(), identity.chain());
      }
      return builder.build();
    } catch (IOException | IllegalArgumentException e) {
      throw PemFiles.unusable(files, e);
    }
  }
}
