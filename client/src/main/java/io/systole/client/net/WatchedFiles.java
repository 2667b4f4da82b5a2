// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A value read from files, and read again when their content has changed. Thread-safe.
 *
 * <p>Changed files that cannot be used leave the value as it was, with one warning until they
 * change again.
 */
public final class WatchedFiles<T> implements AutoCloseable {
  /*
   * current is volatile: written under the monitor, read by event loops without it. seen is guarded
   * by the monitor. Files are read by the reloading thread, never by an event loop.
   *
   * Content is compared rather than time and size: a file can be replaced by one of the same size
   * within the resolution of its time, or with the time preserved.
   */
  private static final Logger log = LoggerFactory.getLogger(WatchedFiles.class);

  /** The fingerprint of anything that is not a readable regular file of at most the maximum. */
  private static final String UNREADABLE = "";

  /** Reads the value from all files. */
  @FunctionalInterface
  public interface Reader<T> {
    /**
     * Reads the files.
     *
     * @param previous the value of the last usable files, or null at first
     * @throws IllegalArgumentException if a file cannot be used. The message is logged, so it
     *     contains nothing secret
     */
    T read(@Nullable T previous);

    /** Releases a value that another has replaced. A thread may just have taken it. */
    default void release(T replaced) {}
  }

  private final String name;
  private final List<Path> files;
  private final Reader<T> reader;
  private final ReloadCounts counts = new ReloadCounts();
  private volatile T current;
  private volatile boolean isClosed;

  /** Fingerprints of the files read last, whether usable or not. */
  private List<String> seen;

  /** The reason why the files read last are unusable, or null; guarded by the monitor. */
  private @Nullable String problem;

  /**
   * Reads the files.
   *
   * @param name of the files, for the log
   * @throws IllegalArgumentException if a file cannot be used
   */
  public WatchedFiles(String name, List<Path> files, Reader<T> reader) {
    this.name = name;
    this.files = List.copyOf(files);
    this.reader = reader;
    // Taken before reading, so that a concurrent change is detected by the next check.
    this.seen = fingerprints();
    this.current = reader.read(null);
  }

  /** Returns the outcomes of reading changed files. */
  public ReloadCounts counts() {
    return counts;
  }

  /** Returns the value of the last usable files. */
  public T current() {
    return current;
  }

  /** Checks the files periodically until closed. Never on an event loop. */
  public void watch(Duration interval) {
    if (files.isEmpty()) {
      return;
    }
    CompletableFuture.delayedExecutor(interval.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> {
          if (!isClosed) {
            reloadIfChanged();
            watch(interval);
          }
        });
  }

  /**
   * Reads the files again if they have changed; blocks meanwhile. Unlike a periodic check, this
   * also logs the warning about files that are as unusable as before.
   *
   * @return whether there is a new value
   */
  public synchronized boolean reload() {
    List<String> fingerprints = fingerprints();
    if (!fingerprints.equals(seen)) {
      return read(fingerprints);
    }
    if (problem != null) {
      warn(problem);
    }
    return false;
  }

  private synchronized void reloadIfChanged() {
    List<String> fingerprints = fingerprints();
    if (!fingerprints.equals(seen)) {
      boolean unused = read(fingerprints);
    }
  }

  /** Called under the monitor. */
  private boolean read(List<String> fingerprints) {
    seen = fingerprints;
    try {
      T replaced = current;
      current = reader.read(replaced);
      reader.release(replaced);
      problem = null;
      counts.countApplied();
      log.info("{} reloaded files={}", name, files);
      return true;
    } catch (RuntimeException e) {
      problem = String.valueOf(e.getMessage());
      counts.countFailed();
      warn(problem);
      return false;
    }
  }

  private void warn(String reason) {
    log.warn("changed {} are unusable, keeping the previous ones: {}", name, reason);
  }

  /** Stops checking the files. */
  @Override
  public void close() {
    isClosed = true;
  }

  private List<String> fingerprints() {
    return files.stream().map(WatchedFiles::fingerprint).toList();
  }

  private static String fingerprint(Path file) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256")
          .digest(RegularFile.bytes(file, RegularFile.BYTES_MAX));
      return HexFormat.of().formatHex(digest);
    } catch (IOException e) {
      return UNREADABLE;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", e);
    }
  }
}
