// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.client.api.RegistrationEvent;
import io.systole.client.api.RegistrationState;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The futures and listeners of one session. */
public final class SessionListeners {
  /* Confined to the session's event loop, except registered(), which is thread-safe. */

  /** State needed only with a listener. */
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
   * @param own listener of this instance, or null
   * @param all listener of every instance, or null
   */
  SessionListeners(
      InstanceInfo instance, @Nullable GuardedListener own, @Nullable GuardedListener all) {
    subscription = own == null && all == null ? null : new Subscription(instance, own, all);
  }

  /** Returns whether there is a listener. */
  boolean hasListener() {
    return subscription != null;
  }

  /**
   * Returns a future that completes when the server has accepted the instance for the first time.
   */
  public CompletableFuture<Void> registered() {
    return registered;
  }

  /** Returns a future that completes when the session has ended; created on first use. */
  CompletableFuture<Void> ended() {
    if (ended == null) {
      ended = new CompletableFuture<>();
    }
    return ended;
  }

  /** Completes or cancels the futures of an ended session. */
  void complete(RegistrationState end) {
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

  /** Records that the server has accepted a registration. */
  void accepted(long answeredNs) {
    if (subscription != null) {
      subscription.renewedNs = answeredNs;
    }
  }

  /** Records a renewal, and reports it if it came late. */
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

  /** Reports an event to the listeners. */
  void report(Function<InstanceKey, RegistrationEvent> event) {
    if (subscription != null) {
      RegistrationEvent created = event.apply(subscription.instance);
      reportOwn(created);
      if (subscription.all != null) {
        subscription.all.report(created);
      }
    }
  }

  /** Reports an event to the listener of this instance only. */
  public void reportOwn(RegistrationEvent event) {
    if (subscription != null && subscription.own != null) {
      subscription.own.report(event);
    }
  }
}
