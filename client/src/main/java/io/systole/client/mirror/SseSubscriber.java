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

/** A server's stream of changes while it lasts. Reads as fast as its follower takes, no faster. */
final class SseSubscriber implements BodySubscriber<Boolean> {
  /*
   *     (created) --first bytes of the answer--> open --end, error, silence, close--> ended
   *
   * The HTTP client calls on whatever thread it likes; each call is carried to the mirror's thread,
   * which alone touches the fields. Its queue keeps their order.
   */

  static final String MEDIA_TYPE = "text/event-stream";

  /** What is told of a stream; on the mirror's thread, nothing after {@link #ended}. */
  interface SseSubscriptionListener {
    /** It is there. */
    void opened();

    /**
     * These came together; perhaps none, when the server only showed that it lives.
     *
     * @throws Exception which ends the stream
     */
    void reported(List<Event> events) throws Exception;

    /** It is over. */
    void ended(Throwable cause);
  }

  private final SseParser reader;
  private final SseSubscriptionListener listener;
  private final ScheduledExecutorService thread;
  private final ScheduledFuture<?> watch;
  private @Nullable Subscription subscription;
  private boolean isReceived = true;
  private boolean isEnded;

  SseSubscriber(
      int eventBytesMax,
      int silenceMs,
      SseSubscriptionListener listener,
      ScheduledExecutorService thread) {
    this.reader = new SseParser(eventBytesMax);
    this.listener = listener;
    this.thread = thread;
    // Looked at twice in that time: who was silent for all of one half ends no later than that.
    long lookMs = silenceMs / 2;
    this.watch = thread.scheduleAtFixedRate(
        () -> lookForSilence(silenceMs), lookMs, lookMs, TimeUnit.MILLISECONDS);
  }

  /** Whether this answer is a stream. */
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
    thread.execute(() -> take(buffers));
  }

  @Override
  public void onError(Throwable failure) {
    thread.execute(() -> end(failure));
  }

  @Override
  public void onComplete() {
    thread.execute(() -> end(new IOException("the server has ended the stream")));
  }

  private void begin(Subscription begun) {
    if (isEnded) {
      begun.cancel();
      return;
    }
    subscription = begun;
    isReceived = true;
    listener.opened();
    begun.request(1);
  }

  private void take(List<ByteBuffer> buffers) {
    if (isEnded || subscription == null) {
      return;
    }
    isReceived = true;
    List<Event> events = new ArrayList<>();
    try {
      for (ByteBuffer buffer : buffers) {
        reader.read(buffer, events::add);
      }
      listener.reported(events);
      subscription.request(1);
    } catch (Exception broken) {
      end(broken);
    }
  }

  private void lookForSilence(int silenceMs) {
    if (!isReceived) {
      end(new IOException("silent for streamSilenceMs=" + silenceMs));
    }
    isReceived = false;
  }

  /** Ends it, and says so. */
  void end(Throwable cause) {
    if (!isEnded) {
      close();
      listener.ended(cause);
    }
  }

  /** Ends it, and says nothing. */
  void close() {
    isEnded = true;
    watch.cancel(false);
    if (subscription != null) {
      subscription.cancel();
    }
  }
}
