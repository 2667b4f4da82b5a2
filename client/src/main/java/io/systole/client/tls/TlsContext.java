// SPDX-License-Identifier: Apache-2.0
package io.systole.client.tls;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS context of one client, made of its PEM files and made anew when they change. Any thread.
 *
 * <p>Connections take {@link #current()} when they are opened; those that are open keep what they
 * have. Files that have changed and cannot be used leave the context as it was, with one warning
 * until they change again.
 */
public final class TlsContext implements AutoCloseable {
  /*
   * current is volatile: written under the monitor, read by event loops without it. seen is guarded
   * by the monitor. Files are read by the thread that reloads, never by an event loop.
   */
  private static final Logger log = LoggerFactory.getLogger(TlsContext.class);

  /** What a change of a file shows by; null in place of both when it cannot be read. */
  private record Stamp(
      @Nullable FileTime modified, long bytes, @Nullable Object fileKey) {
    private static final Stamp ABSENT = new Stamp(null, -1, null);

    static Stamp of(Path file) {
      try {
        BasicFileAttributes read = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(read.lastModifiedTime(), read.size(), read.fileKey());
      } catch (IOException e) {
        return ABSENT;
      }
    }
  }

  private final TlsFiles files;
  private volatile SslContext current;
  private volatile boolean isClosed;

  /** Of the files that were read last, whether they could be used or not. */
  private List<Stamp> seen;

  /**
   * Reads the files. Servers must show a certificate for the host of their URL (RFC 9110 §4.3.4).
   *
   * @throws IllegalArgumentException when one cannot be used
   */
  public TlsContext(TlsFiles files) {
    this.files = files;
    // Before the files themselves: what changes in between is noticed by the next look.
    this.seen = stamps();
    this.current = read();
  }

  /** Returns the context for a connection that is being opened. */
  public SslContext current() {
    return current;
  }

  /** Returns the same context for the JDK's own clients, which check host names by themselves. */
  public SSLContext currentOfJdk() {
    return ((JdkSslContext) current).context();
  }

  /** Looks at the files every so often until this is closed. Never on an event loop. */
  public void watch(Duration interval) {
    if (files.all().findAny().isEmpty()) {
      return;
    }
    CompletableFuture.delayedExecutor(interval.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> {
          if (!isClosed) {
            reload();
            watch(interval);
          }
        });
  }

  /**
   * Reads the files if they have changed since they were read last; blocks for as long.
   *
   * @return whether there is a new context
   */
  public synchronized boolean reload() {
    List<Stamp> stamps = stamps();
    if (stamps.equals(seen)) {
      return false;
    }
    seen = stamps;
    try {
      current = read();
      log.info("TLS files read again files={}", files);
      return true;
    } catch (IllegalArgumentException e) {
      log.warn("changed TLS files not used, the former stay in use: {}", e.getMessage());
      return false;
    }
  }

  /** Ends watching. */
  @Override
  public void close() {
    isClosed = true;
  }

  private List<Stamp> stamps() {
    return files.all().map(Stamp::of).toList();
  }

  private SslContext read() {
    try {
      SslContextBuilder builder = SslContextBuilder.forClient()
          .sslProvider(SslProvider.JDK)
          .endpointIdentificationAlgorithm("HTTPS");
      if (files.authorities() != null) {
        builder.trustManager(files.authorities().toFile());
      }
      if (files.certificates() != null && files.key() != null) {
        builder.keyManager(files.certificates().toFile(), files.key().toFile());
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
        "cannot use the TLS files authorities=" + files.authorities() + " certificates="
            + files.certificates() + " key=" + files.key() + ": " + cause.getMessage(),
        cause);
  }
}
