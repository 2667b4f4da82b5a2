// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.config.SecuritySettings;
import io.systole.server.net.HttpServer.Security;
import io.systole.server.tls.ServerTls;
import io.systole.server.tls.TlsSettings;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The files by which the node secures its addresses. */
final class NodeSecurity implements AutoCloseable {
  private final @Nullable ServerTls tls;
  private final @Nullable ServerTls managementTls;

  private NodeSecurity(@Nullable ServerTls tls, @Nullable ServerTls managementTls) {
    this.tls = tls;
    this.managementTls = managementTls;
  }

  /**
   * Reads the files.
   *
   * @throws IOException if a file can't be used
   */
  static NodeSecurity open(SecuritySettings settings) throws IOException {
    return new NodeSecurity(open(settings.tls()), open(settings.managementTls()));
  }

  private static @Nullable ServerTls open(@Nullable TlsSettings settings) throws IOException {
    return settings == null ? null : new ServerTls(settings);
  }

  /** Returns what the HTTP server needs of it. */
  Security ofHttpServer() {
    return new Security(tls, managementTls);
  }

  /** Begins to check the files for changes. */
  void watchFiles() {
    if (tls != null) {
      tls.watchFiles();
    }
    if (managementTls != null) {
      managementTls.watchFiles();
    }
  }

  /** Reads the files again if they have changed; blocks meanwhile. */
  void reload() {
    if (tls != null) {
      tls.reload();
    }
    if (managementTls != null) {
      managementTls.reload();
    }
  }

  /** Stops checking the files. */
  @Override
  public void close() {
    if (tls != null) {
      tls.close();
    }
    if (managementTls != null) {
      managementTls.close();
    }
  }
}
