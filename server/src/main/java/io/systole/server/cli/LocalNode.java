// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.systole.client.api.TlsFiles;
import io.systole.client.net.PemFiles;
import io.systole.server.config.ServerConfig;
import io.systole.server.net.ListenAddress;
import io.systole.server.net.NodeUrl;
import io.systole.server.tls.TlsSettings;
import io.systole.server.tls.TlsSettings.ClientCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The node that runs on this machine with a configuration, at its management address if it has one.
 * Immutable.
 */
public final class LocalNode {
  private final InetSocketAddress address;
  private final @Nullable TlsSettings tls;
  private final TlsFiles peerFiles;

  private LocalNode(InetSocketAddress address, @Nullable TlsSettings tls, TlsFiles peerFiles) {
    this.address = address;
    this.tls = tls;
    this.peerFiles = peerFiles;
  }

  /**
   * Returns the node of a configuration.
   *
   * @throws IOException if its host is unknown, or the system has chosen its port
   */
  public static LocalNode of(ServerConfig config) throws IOException {
    TlsFiles peerFiles = config.peers().tls();
    ListenAddress management = config.net().management();
    return management == null
        ? new LocalNode(
            reachable(config.net().bind(), config.net().port()),
            config.security().tls(),
            peerFiles)
        : new LocalNode(
            reachable(management.host(), management.port()),
            config.security().managementTls(),
            peerFiles);
  }

  private static InetSocketAddress reachable(String host, int port) throws IOException {
    if (port == 0) {
      throw new IOException("the port is chosen by the system; name one");
    }
    InetAddress bound = InetAddress.getByName(host);
    InetAddress reached = bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound;
    return new InetSocketAddress(reached, port);
  }

  /** Returns the address to connect to. */
  public InetSocketAddress address() {
    return address;
  }

  /** Returns the URL of the address, without a path. */
  public String url() {
    return NodeUrl.of(address, isTls());
  }

  /** Returns whether the address requires TLS. */
  public boolean isTls() {
    return tls != null;
  }

  /**
   * Returns a context for connections to a node with TLS. Where clients present a certificate, it
   * is that for peers, else the node's own.
   *
   * @param trust the certificates of the node that are accepted
   * @throws IOException if a file cannot be used
   */
  public SSLContext sslContext(TrustManagerFactory trust) throws IOException {
    TlsSettings settings = settings();
    SslContextBuilder builder =
        SslContextBuilder.forClient().sslProvider(SslProvider.JDK).trustManager(trust);
    if (settings.clientCertificate() != ClientCertificate.NONE) {
      Path certificates = peerFiles.certificates();
      Path key = peerFiles.key();
      PemFiles.Identity identity = certificates == null || key == null
          ? PemFiles.identity(settings.certificates(), settings.key())
          : PemFiles.identity(certificates, key);
      builder.keyManager(identity.key(), identity.chain());
    }
    return ((JdkSslContext) builder.build()).context();
  }

  /** Returns a context that accepts only the certificate in the node's file, under any name. */
  SSLContext pinnedContext() throws IOException {
    X509Certificate[] chain = PemFiles.certificates(settings().certificates());
    return sslContext(PinnedCertificate.trusting(chain[0]));
  }

  private TlsSettings settings() {
    if (tls == null) {
      throw new IllegalStateException(url() + " is without TLS");
    }
    return tls;
  }
}
