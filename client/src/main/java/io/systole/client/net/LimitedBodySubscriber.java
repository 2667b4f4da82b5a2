// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber that collects a body in memory up to a limit. A larger body fails and closes the
 * connection.
 */
public final class LimitedBodySubscriber implements BodySubscriber<byte[]> {
  private final int bytesMax;
  private final String message;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
  private @Nullable Subscription subscription;

  /**
   * Creates a subscriber.
   *
   * @param bytesMax the maximum size of the body, bytes
   * @param message of the exception for a larger body
   */
  public LimitedBodySubscriber(int bytesMax, String message) {
    this.bytesMax = bytesMax;
    this.message = message;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return whole;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    this.subscription = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      if (whole.isDone()) {
        return;
      }
      if (buffer.remaining() > bytesMax - body.size()) {
        reject();
        return;
      }
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      body.writeBytes(bytes);
    }
  }

  private void reject() {
    whole.completeExceptionally(new IOException(message));
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public void onError(Throwable failure) {
    whole.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    whole.complete(body.toByteArray());
  }
}
