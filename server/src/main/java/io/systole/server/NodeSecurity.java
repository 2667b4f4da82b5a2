// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.client.net.ReloadCounts;
import io.systole.protocol.time.Clock;
import io.systole.server.auth.Authenticator;
import io.systole.server.auth.Refusal;
import io.systole.server.config.SecuritySettings;
import io.systole.server.metrics.Counters;
import io.systole.server.net.HttpServer.Security;
import io.systole.server.tls.ServerTls;
import io.systole.server.tls.TlsSettings;
import io.systole.server.tls.TlsSettings.ClientCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files by which the node secures its addresses. */
final class NodeSecurity implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeSecurity.class);

  private final SecuritySettings settings;
  private final @Nullable ServerTls tls;
  private final @Nullable ServerTls managementTls;
  private final @Nullable Authenticator authenticator;

  /**
   * Reads the files.
   *
   * @throws IOException if a file can't be used
   */
  NodeSecurity(SecuritySettings settings, Clock clock, Counters counters) throws IOException {
    this.settings = settings;
    this.tls = open(settings.tls());
    this.managementTls = open(settings.managementTls());
    this.authenticator = settings.credentials() == null
        ? null
        : new Authenticator(settings.credentials(), clock, counters);
  }

  private static @Nullable ServerTls open(@Nullable TlsSettings settings) throws IOException {
    return settings == null ? null : new ServerTls(settings);
  }

  /** Returns the security of the HTTP server's addresses. */
  Security ofHttpServer() {
    return new Security(tls, managementTls, authenticator);
  }

  /** Returns the time at which the first certificate of the node expires, epoch ms; 0 for none. */
  long certificateExpiryMs() {
    return Stream.of(tls, managementTls)
        .filter(Objects::nonNull)
        .mapToLong(ServerTls::expiryMs)
        .min()
        .orElse(0);
  }

  /** Returns the outcomes of reading changed certificates, by listener. */
  List<ReloadCounts> certificateReloads() {
    return Stream.of(tls, managementTls)
        .filter(Objects::nonNull)
        .map(ServerTls::reloads)
        .toList();
  }

  /** Returns the outcomes of reading changed credentials; empty without a file. */
  List<ReloadCounts> credentialReloads() {
    return authenticator == null ? List.of() : List.of(authenticator.reloads());
  }

  /** Warns if requests from other machines need no authentication. */
  void warnIfOpen(InetSocketAddress address, InetSocketAddress management) {
    if (authenticator != null) {
      return;
    }
    boolean isSeparate = !management.equals(address);
    boolean isOpen = isOpen(address, settings.tls())
        || (isSeparate && isOpen(management, settings.managementTls()));
    if (isOpen) {
      LOG.warn(
          "anyone who reaches this node can change, cancel and evict every instance;"
              + " --credentials-file or --tls-client-auth=required restricts that address={}"
              + " management={}",
          address,
          management);
    }
  }

  private static boolean isOpen(InetSocketAddress address, @Nullable TlsSettings tls) {
    boolean hasCertificates = tls != null && tls.clientCertificate() == ClientCertificate.REQUIRED;
    return !hasCertificates && !address.getAddress().isLoopbackAddress();
  }

  /** Returns the last requests refused for their sender, newest first; none without credentials. */
  List<Refusal> refusals() {
    return authenticator == null ? List.of() : authenticator.refusals();
  }

  /** Begins to check the files for changes. */
  void watchFiles() {
    if (tls != null) {
      tls.watchFiles();
    }
    if (managementTls != null) {
      managementTls.watchFiles();
    }
    if (authenticator != null) {
      authenticator.watchFile();
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
    if (authenticator != null) {
      authenticator.reload();
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
    if (authenticator != null) {
      authenticator.close();
    }
  }
}
