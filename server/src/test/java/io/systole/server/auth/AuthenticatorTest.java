// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHeadParser;
import io.systole.server.auth.ConnectionIdentity.Outcome;
import io.systole.server.auth.Credentials.User;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.AuthFailure;
import io.systole.server.time.ManualClock;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.crypto.bcrypt.BCrypt;

class AuthenticatorTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir
  private Path directory;

  private final ManualClock clock = new ManualClock();
  private final Counters counters = new Counters();
  private final CountDownLatch blocked = new CountDownLatch(1);
  private Authenticator authenticator;
  private User user;

  @BeforeEach
  void open() throws IOException {
    String hash = BCrypt.hashpw("right", BCrypt.gensalt(4));
    Path file =
        Files.writeString(directory.resolve("credentials"), "user u " + hash + " roles=register\n");
    authenticator = new Authenticator(file, clock, counters);
    user = Objects.requireNonNull(authenticator.credentials().user("u"));
  }

  @AfterEach
  void close() {
    blocked.countDown();
    authenticator.close();
  }

  private boolean verify(String password, Object source, List<Boolean> results) {
    return verify(user, password, source, results);
  }

  private boolean verify(User of, String password, Object source, List<Boolean> results) {
    byte[] bytes = password.getBytes(UTF_8);
    return authenticator.verify(of, bytes, authenticator.digest("u", bytes), source, results::add)
        == null;
  }

  /** Occupies every thread that compares passwords. */
  private void blockThreads() {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 4);
    for (int i = 0; i < threads; i++) {
      byte[] bytes = ("block" + i).getBytes(UTF_8);
      CountDownLatch entered = new CountDownLatch(1);
      authenticator.verify(user, bytes, authenticator.digest("u", bytes), "block" + i, result -> {
        entered.countDown();
        awaitQuietly(blocked);
      });
      awaitQuietly(entered);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void verify_equalPasswordsAtOnce_areComparedOnce() {
    blockThreads();
    long before = counters.passwordComparisons();
    List<Boolean> results = Collections.synchronizedList(new ArrayList<>());

    for (int i = 0; i < 100; i++) {
      assertThat(verify("right", "source" + i, results)).isTrue();
    }
    blocked.countDown();

    await().atMost(SOON).until(() -> results.size() == 100);
    assertThat(results).containsOnly(true);
    assertThat(counters.passwordComparisons()).isEqualTo(before + 1);
  }

  /** The connection would remember the refusal by the former hash as one by the new. */
  @Test
  void verify_equalPasswordAfterItsHashChanged_isComparedWithTheNewHash() throws IOException {
    blockThreads();
    List<Boolean> before = Collections.synchronizedList(new ArrayList<>());
    List<Boolean> after = Collections.synchronizedList(new ArrayList<>());
    assertThat(verify("new", "source", before)).isTrue();

    String hash = BCrypt.hashpw("new", BCrypt.gensalt(4));
    Files.writeString(directory.resolve("credentials"), "user u " + hash + " roles=register\n");
    assertThat(authenticator.reload()).isTrue();
    User changed = Objects.requireNonNull(authenticator.credentials().user("u"));
    assertThat(verify(changed, "new", "source", after)).isTrue();
    blocked.countDown();

    await().atMost(SOON).until(() -> before.size() + after.size() == 2);
    assertThat(before).containsExactly(false);
    assertThat(after).containsExactly(true);
  }

  @Test
  void verify_queueFull_isRefusedAndNotCountedAsFailure() {
    blockThreads();
    List<Boolean> results = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < Authenticator.QUEUE_MAX; i++) {
      assertThat(verify("w" + i, "source" + i, results)).isTrue();
    }

    for (int i = 0; i < 2 * FailureLimiter.FAILURES_MAX; i++) {
      assertThat(verify("late" + i, "late", results)).isFalse();
    }
    blocked.countDown();

    await().atMost(SOON).until(() -> results.size() == Authenticator.QUEUE_MAX);
    assertThat(verify("right", "late", results)).isTrue();
    await().atMost(SOON).until(() -> results.contains(true));
  }

  @Test
  void verify_sourceWithTooManyFailures_isRefusedForAMinute() {
    List<Boolean> results = Collections.synchronizedList(new ArrayList<>());
    int accepted = 0;
    while (verify("w" + accepted, "attacker", results)) {
      accepted++;
    }

    assertThat(accepted).isEqualTo(FailureLimiter.FAILURES_MAX);
    assertThat(verify("right", "other", results)).isTrue();
    clock.advanceMs(60_000);
    assertThat(verify("again", "attacker", results)).isTrue();
  }

  /** Comparing it again would make a user depend on the failures of others at its address. */
  @Test
  void isVerified_afterDaysAndFailuresOfItsSource_isTrue() {
    List<Boolean> results = Collections.synchronizedList(new ArrayList<>());
    byte[] digest = authenticator.digest("u", "right".getBytes(UTF_8));
    verify("right", "source", results);
    await().atMost(SOON).until(() -> results.size() == 1);

    clock.advanceMs(Duration.ofDays(7).toMillis());
    int failed = 0;
    while (verify("w" + failed, "source", results)) {
      failed++;
    }

    assertThat(Authenticator.isVerified(user, digest)).isTrue();
  }

  /** Alternates another field, so that the parser does not recognize the fields as a whole. */
  @Test
  void authenticate_sameFieldAgain_allocatesNothing() throws HttpParseException {
    AtomicInteger verified = new AtomicInteger();
    ConnectionIdentity identity = new ConnectionIdentity(
        authenticator, "source", Runnable::run, head -> true, verified::incrementAndGet);
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    byte[][] heads = {head("a"), head("b")};
    parser.parse(heads[0], 0, heads[0].length);
    assertThat(identity.authenticate(parser.head())).isEqualTo(Outcome.PENDING);
    await().atMost(SOON).until(() -> verified.get() == 1);

    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 20_000; i++) {
      authenticateOnce(identity, parser, heads[i % 2]);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 20_000; i++) {
      authenticateOnce(identity, parser, heads[i % 2]);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated).isLessThan(20_000);
    assertThat(counters.passwordComparisons()).isEqualTo(1);
  }

  /** A client could connect with the same password again and again while its comparison waits. */
  @Test
  void close_verificationPending_isNotRemembered() throws HttpParseException {
    blockThreads();
    AtomicInteger closedNotified = new AtomicInteger();
    AtomicInteger openNotified = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      pending(closedNotified).close();
    }
    pending(openNotified);

    blocked.countDown();

    await().atMost(SOON).until(() -> openNotified.get() == 1);
    assertThat(closedNotified).hasValue(0);
  }

  /** Returns the identity of a connection whose password is being verified. */
  private ConnectionIdentity pending(AtomicInteger notified) throws HttpParseException {
    ConnectionIdentity identity = new ConnectionIdentity(
        authenticator, "source", Runnable::run, head -> true, notified::incrementAndGet);
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    byte[] head = head("a");
    parser.parse(head, 0, head.length);
    assertThat(identity.authenticate(parser.head())).isEqualTo(Outcome.PENDING);
    return identity;
  }

  private static byte[] head(String agent) {
    String field = Base64.getEncoder().encodeToString("u:right".getBytes(UTF_8));
    return ("PUT /v2/apps/A/i HTTP/1.1\r\nHost: a\r\nUser-Agent: " + agent
            + "\r\nAuthorization: Basic " + field + "\r\n\r\n")
        .getBytes(US_ASCII);
  }

  private static void authenticateOnce(
      ConnectionIdentity identity, RequestHeadParser parser, byte[] head)
      throws HttpParseException {
    parser.parse(head, 0, head.length);
    boolean isAllowed = identity.authenticate(parser.head()) == Outcome.AUTHENTICATED
        && identity.mayRenew(head, 13, 14);
    if (!isAllowed) {
      throw new IllegalStateException("refused");
    }
  }

  @Test
  void verify_sourceWithTooManyFailuresOrQueueFull_returnsTheReason() {
    blockThreads();
    List<AuthFailure> reasons = new ArrayList<>();
    for (int i = 0; i < Authenticator.QUEUE_MAX; i++) {
      byte[] bytes = ("w" + i).getBytes(UTF_8);
      AuthFailure reason = authenticator.verify(
          user, bytes, authenticator.digest("u", bytes), "source" + i / 30, result -> {});
      if (reason != null) {
        reasons.add(reason);
      }
    }
    byte[] late = "late".getBytes(UTF_8);
    for (int i = 0; i < Authenticator.QUEUE_MAX; i++) {
      byte[] bytes = ("fill" + i).getBytes(UTF_8);
      authenticator.verify(user, bytes, authenticator.digest("u", bytes), "f" + i, result -> {});
    }

    assertThat(reasons).isNotEmpty().containsOnly(AuthFailure.RATE_LIMITED);
    assertThat(
            authenticator.verify(user, late, authenticator.digest("u", late), "late", result -> {}))
        .isEqualTo(AuthFailure.OVERLOADED);
  }

  @Test
  void failed_manyTimes_countsAll() throws HttpParseException {
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    byte[] head = head("a");
    parser.parse(head, 0, head.length);
    for (int i = 0; i < 10; i++) {
      authenticator.failed(AuthFailure.MISSING, "source", null, parser.head());
    }

    assertThat(counters.authFailures(AuthFailure.MISSING)).isEqualTo(10);
  }
}
