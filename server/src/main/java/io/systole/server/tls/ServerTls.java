// SPDX-License-Identifier: Apache-2.0
package io.systole.server.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.systole.client.api.TlsFiles;
import io.systole.client.net.PemFiles;
import io.systole.client.net.ReloadCounts;
import io.systole.client.net.WatchedFiles;
import io.systole.client.net.WatchedFiles.Reader;
import io.systole.server.tls.TlsSettings.FileOptions;
import io.systole.server.tls.TlsSettings.TlsProvider;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of a listening address: a context from PEM files, reloaded when they change, and the
 * threads that compute handshakes. Thread-safe. Connections take the context that is current when
 * they begin their handshake, and keep it.
 */
public final class ServerTls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);

  /** The handshakes in progress at one time; some ten KiB of memory each. */
  public static final int HANDSHAKES_MAX = 1024;

  /** The interval at which the files are checked for changes. */
  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(30);

  /** The number of cores per handshake thread; the others remain for the event loops. */
  private static final int CORES_PER_THREAD = 2;

  /** The time for a client to accept the close_notify of a closing connection. */
  private static final long CLOSE_NOTIFY_MS = 1_000;

  /** A resumed session does not show its client certificate again. */
  private static final long SESSION_SECS = 3_600;

  private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  /** Forward secrecy and authenticated encryption only (RFC 9325 §4.2); the names of RFC 8446. */
  private static final List<String> CIPHERS = List.of(
      "TLS_AES_128_GCM_SHA256",
      "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** @param expiryMs of the certificate, epoch ms */
  private record LoadedContext(SslContext context, long expiryMs) {}

  private final WatchedFiles<LoadedContext> files;
  private final ThreadPoolExecutor handshakes;

  /**
   * Reads the files.
   *
   * @throws IOException if a file cannot be used, or the provider is not available
   */
  public ServerTls(TlsSettings settings) throws IOException {
    if (settings.provider() == TlsProvider.OPENSSL && !OpenSsl.isAvailable()) {
      throw new IOException("--tls-provider=openssl needs netty-tcnative-boringssl-static on the"
          + " class path: " + OpenSsl.unavailabilityCause());
    }
    TlsFiles paths =
        new TlsFiles(settings.clientAuthorities(), settings.certificates(), settings.key());
    try {
      this.files =
          new WatchedFiles<>("TLS files", PemFiles.pathsOf(paths), new ContextReader(settings));
    } catch (IllegalArgumentException unusable) {
      throw new IOException(unusable.getMessage(), unusable);
    }
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_PER_THREAD);
    // A connection has at most one task, so the queue holds those of all handshakes.
    this.handshakes = new ThreadPoolExecutor(
        threads,
        threads,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(HANDSHAKES_MAX),
        new DefaultThreadFactory("systole-tls", true));
  }

  /** Returns the handler of a new connection. */
  public SslHandler newHandler(
      ByteBufAllocator allocator, long handshakeTimeoutMs, TlsListener listener) {
    SslHandler handler = newHandler(allocator, listener);
    handler.setHandshakeTimeoutMillis(handshakeTimeoutMs);
    handler.setCloseNotifyFlushTimeoutMillis(CLOSE_NOTIFY_MS);
    return handler;
  }

  private SslHandler newHandler(ByteBufAllocator allocator, TlsListener listener) {
    Executor tasks = task -> execute(task, listener);
    for (; ; ) {
      SslContext taken = files.current().context();
      try {
        return taken instanceof JdkSslContext jdk
            ? new RecordLimitedSslHandler(jdk.newEngine(allocator), tasks, listener)
            : taken.newHandler(allocator, tasks);
      } catch (IllegalReferenceCountException released) {
        if (taken == files.current().context()) {
          throw released;
        }
      }
    }
  }

  private void execute(Runnable task, TlsListener listener) {
    if (!listener.admitsTask()) {
      return;
    }
    try {
      handshakes.execute(() -> {
        try {
          task.run();
        } finally {
          listener.taskCompleted();
        }
      });
    } catch (RejectedExecutionException full) {
      listener.taskCompleted();
      throw full;
    }
  }

  /** Returns the time at which the certificate in use expires, epoch ms. */
  public long expiryMs() {
    return files.current().expiryMs();
  }

  /** Returns the outcomes of reading changed files. */
  public ReloadCounts reloads() {
    return files.counts();
  }

  /** Begins to check the files for changes. */
  public void watchFiles() {
    files.watch(CHECK_INTERVAL);
  }

  /**
   * Reads the files again if they have changed; blocks meanwhile.
   *
   * @return whether new connections use new files
   */
  public boolean reload() {
    return files.reload();
  }

  /** Stops checking the files, and fails handshakes in progress. */
  @Override
  public void close() {
    files.close();
    ReferenceCountUtil.release(files.current().context());
    handshakes.shutdown();
  }

  /**
   * Reads the context. That of BoringSSL is released when neither the node nor an engine has it.
   */
  private record ContextReader(TlsSettings settings) implements Reader<LoadedContext> {
    @Override
    public LoadedContext read(@Nullable LoadedContext previous) {
      try {
        PemFiles.Identity identity = PemFiles.identity(settings.certificates(), settings.key());
        checkValidity(identity.chain()[0], previous != null);
        SslContextBuilder builder = SslContextBuilder.forServer(identity.key(), identity.chain())
            .sslProvider(provider())
            .protocols(PROTOCOLS)
            .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
            .sessionTimeout(SESSION_SECS)
            .clientAuth(clientAuth());
        if (settings.clientAuthorities() != null) {
          builder.trustManager(PemFiles.certificates(settings.clientAuthorities()));
        }
        return new LoadedContext(
            builder.build(), identity.chain()[0].getNotAfter().toInstant().toEpochMilli());
      } catch (IOException | CertificateException | IllegalArgumentException unusable) {
        throw new IllegalArgumentException(
            "cannot use " + files() + ": " + unusable.getMessage(), unusable);
      }
    }

    @Override
    public void release(LoadedContext replaced) {
      ReferenceCountUtil.release(replaced.context());
    }

    private String files() {
      FileOptions options = settings.options();
      String identity = options.certificates() + " " + settings.certificates() + " and "
          + options.key() + " " + settings.key();
      return settings.clientAuthorities() == null
          ? identity
          : identity + " and " + options.clientAuthorities() + " " + settings.clientAuthorities();
    }

    /** A node that restarts with an expired certificate still serves clients that accept it. */
    private void checkValidity(X509Certificate certificate, boolean isReload)
        throws CertificateException {
      try {
        certificate.checkValidity();
      } catch (CertificateExpiredException expired) {
        refuse("expired, NotAfter " + certificate.getNotAfter().toInstant(), isReload);
      } catch (CertificateNotYetValidException early) {
        refuse("not yet valid, NotBefore " + certificate.getNotBefore().toInstant(), isReload);
      }
    }

    private void refuse(String reason, boolean isReload) throws CertificateException {
      String text = settings.certificates() + " is " + reason;
      if (isReload) {
        throw new CertificateException(text);
      }
      LOG.warn("{} {}", settings.options().certificates(), text);
    }

    private SslProvider provider() {
      return settings.provider() == TlsProvider.OPENSSL
          ? SslProvider.OPENSSL_REFCNT
          : SslProvider.JDK;
    }

    private ClientAuth clientAuth() {
      return switch (settings.clientCertificate()) {
        case NONE -> ClientAuth.NONE;
        case OPTIONAL -> ClientAuth.OPTIONAL;
        case REQUIRED -> ClientAuth.REQUIRE;
      };
    }
  }
}
