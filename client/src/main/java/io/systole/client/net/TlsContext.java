// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.systole.client.api.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reloadable TLS context built from PEM files. Thread-safe.
 *
 * <p>Connections take {@link #current()} when they are opened; open connections keep theirs.
 * Changed files that cannot be used leave the context as it was, with one warning until they change
 * again.
 */
public final class TlsContext implements AutoCloseable {
  /*
   * current is volatile: written under the monitor, read by event loops without it. seen is guarded
   * by the monitor. Files are read by the reloading thread, never by an event loop.
   */
  private static final Logger log = LoggerFactory.getLogger(TlsContext.class);

  /** File attributes that reveal a change; ABSENT if the file cannot be read. */
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

  /** Stamps of the files read last, whether usable or not. */
  private List<Stamp> seen;

  /**
   * Reads the files. Server certificates must match the host of the URL (RFC 9110 §4.3.4).
   *
   * @throws IllegalArgumentException if a file cannot be used
   */
  public TlsContext(TlsFiles files) {
    this.files = files;
    // Taken before reading, so that a concurrent change is detected by the next check.
    this.seen = stamps();
    this.current = read();
  }

  /** Returns the context for a new connection. */
  public SslContext current() {
    return current;
  }

  /** Returns the same context for JDK clients, which verify host names themselves. */
  public SSLContext currentOfJdk() {
    return ((JdkSslContext) current).context();
  }

  /** Checks the files periodically until closed. Never on an event loop. */
  public void watch(Duration interval) {
    if (present(files).findAny().isEmpty()) {
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
   * Reads the files again if they have changed; blocks meanwhile.
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
      log.info("TLS files reloaded files={}", files);
      return true;
    } catch (IllegalArgumentException e) {
      log.warn("changed TLS files are unusable, keeping the previous ones: {}", e.getMessage());
      return false;
    }
  }

  /** Stops checking the files. */
  @Override
  public void close() {
    isClosed = true;
  }

  private static Stream<Path> present(TlsFiles files) {
    return Stream.of(files.authorities(), files.certificates(), files.key())
        .filter(Objects::nonNull)
        .map(Path.class::cast);
  }

  private List<Stamp> stamps() {
    return present(files).map(Stamp::of).toList();
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
