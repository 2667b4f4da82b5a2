// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import io.systole.client.net.PemFiles;
import io.systole.client.net.PemFiles.Identity;
import io.systole.client.net.WatchedFiles;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of connections between members: both sides present a certificate that chains to the
 * authority of the cluster. Names in certificates are not compared with addresses, so the authority
 * must issue certificates to members only. Changed files apply to new connections. Thread-safe.
 */
final class MemberTls implements AutoCloseable {
  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(30);

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  /** The password of a key store in memory. */
  private static final char[] PASSWORD = {};

  private final WatchedFiles<SSLContext> files;

  /**
   * Reads the files.
   *
   * @throws IOException if a file can't be used
   */
  MemberTls(GroupSettings.Tls paths) throws IOException {
    try {
      this.files = new WatchedFiles<>(
          "TLS files of the cluster",
          List.of(paths.ca(), paths.certificate(), paths.key()),
          new ContextReader(paths));
    } catch (IllegalArgumentException unusable) {
      throw new IOException(unusable.getMessage(), unusable);
    }
  }

  /** Begins to check the files for changes. */
  void watchFiles() {
    files.watch(CHECK_INTERVAL);
  }

  /** Reads the files again if they have changed. */
  boolean reload() {
    return files.reload();
  }

  /** Returns a TLS socket over a connected one, after the handshake. Blocks; closes neither. */
  SSLSocket secure(Socket socket, boolean isClient) throws IOException {
    SSLSocket secured = (SSLSocket) files
        .current()
        .getSocketFactory()
        .createSocket(socket, socket.getInetAddress().getHostAddress(), socket.getPort(), false);
    secured.setEnabledProtocols(PROTOCOLS);
    secured.setUseClientMode(isClient);
    secured.setNeedClientAuth(true);
    secured.startHandshake();
    return secured;
  }

  @Override
  public void close() {
    files.close();
  }

  private record ContextReader(GroupSettings.Tls paths) implements WatchedFiles.Reader<SSLContext> {
    @Override
    public SSLContext read(@Nullable SSLContext previous) {
      try {
        return context();
      } catch (IOException | GeneralSecurityException unusable) {
        throw new IllegalArgumentException(
            "cannot use the TLS files of the cluster, ca=" + paths.ca() + " certificate="
                + paths.certificate() + " key=" + paths.key() + ": " + unusable.getMessage(),
            unusable);
      }
    }

    private SSLContext context() throws IOException, GeneralSecurityException {
      Identity identity = PemFiles.identity(paths.certificate(), paths.key());
      KeyStore own = emptyStore();
      own.setKeyEntry("member", identity.key(), PASSWORD, identity.chain());
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, PASSWORD);
      KeyStore trusted = emptyStore();
      X509Certificate[] authorities = PemFiles.certificates(paths.ca());
      for (int i = 0; i < authorities.length; i++) {
        trusted.setCertificateEntry("authority-" + i, authorities[i]);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      return store;
    }
  }
}
