// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.mirror.SseParser.Event;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A subscriber to a server's change stream, with backpressure. */
final class SseSubscriber implements BodySubscriber<Boolean> {
  /*
   *     (created) --response head--> open --end, error, silence, close--> ended
   *
   * The HTTP client calls on any of its threads; each call is passed to the mirror's thread, which
   * alone accesses the fields. Its queue keeps the order.
   */

  static final String MEDIA_TYPE = "text/event-stream";

  /** A listener for a stream, on the mirror's thread; not called after {@link #ended}. */
  interface SseSubscriptionListener {
    /** Called when the stream is open. */
    void opened();

    /**
     * Called with the events of one read, possibly none.
     *
     * @throws Exception to end the stream
     */
    void received(List<Event> events) throws Exception;

    /** Called when the stream has ended. */
    void ended(Throwable cause);
  }

  private final SseParser parser;
  private final SseSubscriptionListener listener;
  private final ScheduledExecutorService thread;
  private final ScheduledFuture<?> watch;
  private @Nullable Subscription subscription;
  private boolean hasReceived = true;
  private boolean isEnded;

  SseSubscriber(
      int eventBytesMax,
      int silenceMs,
      SseSubscriptionListener listener,
      ScheduledExecutorService thread) {
    this.parser = new SseParser(eventBytesMax);
    this.listener = listener;
    this.thread = thread;
    // Checked twice per timeout, so a silent stream ends within it.
    long checkMs = silenceMs / 2;
    this.watch = thread.scheduleAtFixedRate(
        () -> checkSilence(silenceMs), checkMs, checkMs, TimeUnit.MILLISECONDS);
  }

  /** Returns whether a response is a stream. */
  static boolean isOffered(HttpResponse.ResponseInfo head) {
    String type = head.headers().firstValue("content-type").orElse("");
    return head.statusCode() == 200
        && type.regionMatches(true, 0, MEDIA_TYPE, 0, MEDIA_TYPE.length());
  }

  @Override
  public CompletionStage<Boolean> getBody() {
    return CompletableFuture.completedFuture(true);
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    thread.execute(() -> begin(subscription));
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    thread.execute(() -> receive(buffers));
  }

  @Override
  public void onError(Throwable failure) {
    thread.execute(() -> end(failure));
  }

  @Override
  public void onComplete() {
    thread.execute(() -> end(new IOException("the server ended the stream")));
  }

  private void begin(Subscription started) {
    if (isEnded) {
      started.cancel();
      return;
    }
    subscription = started;
    hasReceived = true;
    listener.opened();
    started.request(1);
  }

  private void receive(List<ByteBuffer> buffers) {
    if (isEnded || subscription == null) {
      return;
    }
    hasReceived = true;
    List<Event> events = new ArrayList<>();
    try {
      for (ByteBuffer buffer : buffers) {
        parser.read(buffer, events::add);
      }
      listener.received(events);
      subscription.request(1);
    } catch (Exception broken) {
      end(broken);
    }
  }

  private void checkSilence(int silenceMs) {
    if (!hasReceived) {
      end(new IOException("silent for streamSilenceMs=" + silenceMs));
    }
    hasReceived = false;
  }

  /** Closes the stream and notifies the listener. */
  void end(Throwable cause) {
    if (!isEnded) {
      close();
      listener.ended(cause);
    }
  }

  /** Closes the stream without notifying the listener. */
  void close() {
    isEnded = true;
    watch.cancel(false);
    if (subscription != null) {
      subscription.cancel();
    }
  }
}
