// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MemberOutputTest {
  private static final long LONG_NS = TimeUnit.SECONDS.toNanos(11);

  private final CompletableFuture<OutputStream> opened = new CompletableFuture<>();
  private final MemberOutput output = new MemberOutput(opened);

  private CompletableFuture<Void> write(byte[] bytes) {
    return CompletableFuture.runAsync(() -> {
      try {
        output.write(bytes);
        output.flush();
      } catch (IOException failure) {
        throw new IllegalStateException(failure);
      }
    });
  }

  @Test
  void write_beforeOpen_isSentFirst() throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    output.write(1);
    output.write(new byte[] {2, 3});
    output.flush();

    opened.complete(sent);
    output.write(4);
    output.flush();

    assertThat(sent.toByteArray()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void write_beforeOpenBeyondMaximum_waits() throws Exception {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    output.write(new byte[MemberOutput.EARLY_BYTES_MAX]);

    CompletableFuture<Void> written = write(new byte[] {1});
    GroupFixture.awaitTrue(() -> opened.getNumberOfDependents() > 0);
    boolean isWrittenBefore = written.isDone();
    opened.complete(sent);
    written.get(30, TimeUnit.SECONDS);

    assertThat(isWrittenBefore).isFalse();
    assertThat(sent.size()).isEqualTo(MemberOutput.EARLY_BYTES_MAX + 1);
  }

  @Test
  void write_connectionFails_isSocketException() {
    opened.completeExceptionally(new IOException("refused"));

    assertThatThrownBy(() -> output.write(1))
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("refused");
  }

  @Test
  void write_whileAnotherIsBlocked_failsSoon() throws Exception {
    CountDownLatch isBlocked = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    opened.complete(new OutputStream() {
      @Override
      public void write(int octet) {
        isBlocked.countDown();
        assertThat(awaited(mayGoOn)).isTrue();
      }
    });
    CompletableFuture<Void> blocked = write(new byte[] {1});
    assertThat(awaited(isBlocked)).isTrue();

    assertThatThrownBy(() -> output.write(2))
        .isInstanceOf(IOException.class)
        .hasMessage("another write is in progress");
    assertThat(output.isTimedOut(System.nanoTime())).isFalse();
    assertThat(output.isTimedOut(System.nanoTime() + LONG_NS)).isTrue();

    mayGoOn.countDown();
    blocked.get(30, TimeUnit.SECONDS);
    assertThat(output.isTimedOut(System.nanoTime() + LONG_NS)).isFalse();
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  @Test
  void isTimedOut_handshake_hasShorterLimit() {
    output.beginHandshake();

    assertThat(output.isTimedOut(System.nanoTime() + TimeUnit.SECONDS.toNanos(3)))
        .isTrue();

    output.endHandshake();

    assertThat(output.isTimedOut(System.nanoTime() + LONG_NS)).isFalse();
  }
}
