// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.systole.client.net.ReloadCounts;
import io.systole.client.net.WatchedFiles;
import io.systole.protocol.http.RequestHead;
import io.systole.protocol.time.Clock;
import io.systole.server.auth.Credentials.User;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.AuthFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates the senders of requests by a credentials file. Thread-safe.
 *
 * <p>Bcrypt takes a tenth of a second at cost 10, and doubles with each step, so passwords are
 * compared on separate threads, and a password that matched is recognized by a keyed digest from
 * then on. Only matching passwords are remembered, one for each user, so the file bounds the
 * memory.
 */
public final class Authenticator implements AutoCloseable {
  /*
   * An attacker decides how many passwords are to be compared. Three bounds apply: one thread for
   * four cores compares them; no more than QUEUE_MAX wait for it, and their sources take turns; and
   * each source has FailureLimiter.FAILURES_MAX failed ones in a minute. Equal requests for a
   * comparison, as from the connections of a fleet after a restart, share one.
   */

  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(30);
  private static final int CORES_PER_THREAD = 4;

  /** Passwords waiting to be compared: seconds of work at cost 10, minutes at cost 16. */
  static final int QUEUE_MAX = 64;

  private static final String MAC = "HmacSHA256";
  private static final int KEY_BYTES = 32;

  private final WatchedFiles<Credentials> credentials;
  private final Clock clock;
  private final Counters counters;
  private final FailureLimiter limiter = new FailureLimiter();
  private final RefusalLog refusals;

  /** The comparisons queued; the queue of the executor has as many requests to poll it. */
  private final SourceTurns comparisons = new SourceTurns();

  private final ThreadPoolExecutor verifiers;
  private final SecretKeySpec key;

  /** Equal for equal passwords of a user, unless the user's hash has changed in between. */
  private record Comparison(ByteBuffer digest, @Nullable PasswordHash hash) {
    static Comparison of(@Nullable User user, byte[] digest) {
      return new Comparison(ByteBuffer.wrap(digest), user == null ? null : user.password());
    }
  }

  /** The callbacks of the comparisons queued or in progress; guarded by itself. */
  private final Map<Comparison, Set<Consumer<Boolean>>> waiting = new HashMap<>();

  /**
   * Reads the file.
   *
   * @throws IOException if the file cannot be read or is malformed
   */
  public Authenticator(Path file, Clock clock, Counters counters) throws IOException {
    try {
      this.credentials =
          new WatchedFiles<>("credentials", List.of(file), previous -> read(file, previous));
    } catch (IllegalArgumentException unusable) {
      throw new IOException(unusable.getMessage(), unusable);
    }
    this.clock = clock;
    this.counters = counters;
    this.refusals = new RefusalLog(clock);
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    this.key = new SecretKeySpec(random, MAC);
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_PER_THREAD);
    this.verifiers = new ThreadPoolExecutor(
        threads,
        threads,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(QUEUE_MAX),
        new DefaultThreadFactory("systole-auth", true));
  }

  private static Credentials read(Path file, @Nullable Credentials previous) {
    Credentials read = CredentialsParser.read(file, previous);
    if (previous != null) {
      read.replace(previous);
    }
    return read;
  }

  /** Returns the outcomes of reading a changed file. */
  public ReloadCounts reloads() {
    return credentials.counts();
  }

  /** Begins to check the file for changes. */
  public void watchFile() {
    credentials.watch(CHECK_INTERVAL);
  }

  /**
   * Reads the file again if it has changed; blocks meanwhile.
   *
   * @return whether there are new credentials
   */
  public boolean reload() {
    return credentials.reload();
  }

  Credentials credentials() {
    return credentials.current();
  }

  /**
   * Counts a refused request.
   *
   * @param principal the name of the sender, or the one that it gave; null for none
   */
  void failed(AuthFailure reason, Object source, @Nullable String principal, RequestHead head) {
    counters.authFailed(reason);
    refusals.add(reason, source, principal, head);
  }

  /** Returns the last refusals, newest first. */
  public List<Refusal> refusals() {
    return refusals.refusals();
  }

  /** Returns the digest by which a password of a user is recognized. */
  byte[] digest(String user, byte[] password) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(key);
      mac.update(user.getBytes(UTF_8));
      // A name contains no colon.
      mac.update((byte) ':');
      return mac.doFinal(password);
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(MAC + " is missing from the JDK", missing);
    }
  }

  static boolean isVerified(User user, byte[] digest) {
    return user.password().isVerified(digest);
  }

  /**
   * Compares a password with a user's hash on another thread.
   *
   * @param user null for an unknown one, for which the result is false after the same time
   * @param callback receives the result on an unspecified thread
   * @return null if the callback will be called; else {@link AuthFailure#OVERLOADED} or
   *     {@link AuthFailure#RATE_LIMITED}
   */
  @Nullable
  AuthFailure verify(
      @Nullable User user,
      byte[] password,
      byte[] digest,
      Object source,
      Consumer<Boolean> callback) {
    Comparison id = Comparison.of(user, digest);
    synchronized (waiting) {
      Set<Consumer<Boolean>> callbacks = waiting.get(id);
      if (callbacks != null) {
        callbacks.add(callback);
        return null;
      }
      if (!limiter.tryAcquire(source, clock.monotonicNs())) {
        return AuthFailure.RATE_LIMITED;
      }
      try {
        verifiers.execute(this::compareNext);
      } catch (RejectedExecutionException full) {
        limiter.refund(source);
        return AuthFailure.OVERLOADED;
      }
      waiting.put(id, new LinkedHashSet<>(List.of(callback)));
      comparisons.add(source, () -> compare(user, password, digest, source));
      return null;
    }
  }

  /** Discards a callback that was passed to {@link #verify}, unless it has been called. */
  void discard(@Nullable User user, byte[] digest, Consumer<Boolean> callback) {
    synchronized (waiting) {
      Set<Consumer<Boolean>> callbacks = waiting.get(Comparison.of(user, digest));
      if (callbacks != null) {
        callbacks.remove(callback);
      }
    }
  }

  private void compareNext() {
    Runnable next;
    // Under the monitor of verify, which adds the comparison after the request to poll it.
    synchronized (waiting) {
      next = comparisons.poll();
    }
    if (next != null) {
      next.run();
    }
  }

  private void compare(@Nullable User user, byte[] password, byte[] digest, Object source) {
    boolean isMatch = false;
    try {
      counters.passwordCompared();
      if (user != null && user.password().matches(password)) {
        isMatch = true;
        user.password().setVerified(digest);
        limiter.refund(source);
      } else {
        credentials().dummyHashes(user).forEach(dummy -> dummy.matches(password));
      }
    } finally {
      Set<Consumer<Boolean>> callbacks;
      synchronized (waiting) {
        callbacks = waiting.remove(Comparison.of(user, digest));
      }
      boolean result = isMatch;
      if (callbacks != null) {
        callbacks.forEach(callback -> callback.accept(result));
      }
    }
  }

  /** Stops checking the file and comparing passwords. */
  @Override
  public void close() {
    credentials.close();
    verifiers.shutdown();
  }
}
