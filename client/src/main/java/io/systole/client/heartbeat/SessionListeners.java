// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whoever waits for the beginning and the end of one session, or listens to all of its life. */
public final class SessionListeners {
  /*
   * On the session's event loop, but for registered(), which any thread may call.
   */

  /** What only a session that is listened to needs. */
  private static final class Subscription {
    private final InstanceKey instance;
    private final @Nullable GuardedListener own;
    private final @Nullable GuardedListener all;
    private final long leaseNs;
    private long renewedNs;

    Subscription(
        InstanceInfo instance, @Nullable GuardedListener own, @Nullable GuardedListener all) {
      this.instance = instance.key();
      this.own = own;
      this.all = all;
      this.leaseNs = TimeUnit.SECONDS.toNanos(instance.leaseInfo().durationSecs());
    }
  }

  private final CompletableFuture<Void> registered = new CompletableFuture<>();
  private @Nullable CompletableFuture<Void> ended;
  private final @Nullable Subscription subscription;

  /**
   * Makes the audience of one instance.
   *
   * @param own hears of this instance, or null
   * @param all hears of every instance, or null
   */
  SessionListeners(
      InstanceInfo instance, @Nullable GuardedListener own, @Nullable GuardedListener all) {
    subscription = own == null && all == null ? null : new Subscription(instance, own, all);
  }

  /** Returns whether anybody listens. */
  boolean isWatched() {
    return subscription != null;
  }

  /** Completes when the server has accepted the instance for the first time. */
  public CompletableFuture<Void> registered() {
    return registered;
  }

  /** Completes when the session has ended; made by the first who asks. */
  CompletableFuture<Void> ended() {
    if (ended == null) {
      ended = new CompletableFuture<>();
    }
    return ended;
  }

  /** Tells the end to whoever waits for it. */
  void reportEnd(RegistrationState end) {
    registered.cancel(false);
    if (ended == null) {
      return;
    }
    if (end == RegistrationState.ABANDONED) {
      ended.cancel(false);
    } else {
      ended.complete(null);
    }
  }

  /** The server holds a lease since the answer that came at this moment. */
  void accepted(long answeredNs) {
    if (subscription != null) {
      subscription.renewedNs = answeredNs;
    }
  }

  /** A beat was answered 200 at this moment. */
  void renewed(long answeredNs) {
    if (subscription != null) {
      long sinceNs = answeredNs - subscription.renewedNs;
      subscription.renewedNs = answeredNs;
      if (sinceNs > subscription.leaseNs) {
        long sinceMs = TimeUnit.NANOSECONDS.toMillis(sinceNs);
        report(instance -> new RegistrationEvent.RenewedLate(instance, sinceMs));
      }
    }
  }

  /** Tells what has happened to the instance. */
  void report(Function<InstanceKey, RegistrationEvent> happened) {
    if (subscription != null) {
      RegistrationEvent event = happened.apply(subscription.instance);
      reportOwn(event);
      if (subscription.all != null) {
        subscription.all.report(event);
      }
    }
  }

  /** Tells what happens to many instances at once, of which a listener of all hears but once. */
  public void reportOwn(RegistrationEvent event) {
    if (subscription != null && subscription.own != null) {
      subscription.own.report(event);
    }
  }
}
