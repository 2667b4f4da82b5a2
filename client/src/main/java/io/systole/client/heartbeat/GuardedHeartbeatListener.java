// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.client.heartbeat.CallbackFailures.CallbackKind;
import java.net.URI;

/** An observer of the user's whose exceptions and errors do not reach the event loop. */
public final class GuardedHeartbeatListener implements HeartbeatListener {
  private final HeartbeatListener observer;
  private final CallbackFailures failures;

  private GuardedHeartbeatListener(HeartbeatListener observer, CallbackFailures failures) {
    this.observer = observer;
    this.failures = failures;
  }

  /** Returns an observer that counts what the given one throws, and returns normally. */
  public static HeartbeatListener of(HeartbeatListener observer, CallbackFailures failures) {
    return observer == NONE ? NONE : new GuardedHeartbeatListener(observer, failures);
  }

  private void failedWith(Throwable cause) {
    failures.note(CallbackKind.OBSERVER, cause);
  }

  @Override
  public void due(long dueNs) {
    try {
      observer.due(dueNs);
    } catch (Throwable e) {
      failedWith(e);
    }
  }

  @Override
  public void answered(int status, long dueNs, long sentNs, long answeredNs) {
    try {
      observer.answered(status, dueNs, sentNs, answeredNs);
    } catch (Throwable e) {
      failedWith(e);
    }
  }

  @Override
  public void failed(FailureReason reason, long dueNs) {
    try {
      observer.failed(reason, dueNs);
    } catch (Throwable e) {
      failedWith(e);
    }
  }

  @Override
  public void registered(int status, long sentNs, long answeredNs) {
    try {
      observer.registered(status, sentNs, answeredNs);
    } catch (Throwable e) {
      failedWith(e);
    }
  }

  @Override
  public void registrationRefused(int status, String text) {
    try {
      observer.registrationRefused(status, text);
    } catch (Throwable e) {
      failedWith(e);
    }
  }

  @Override
  public void registrationFailed(FailureReason reason) {
    try {
      observer.registrationFailed(reason);
    } catch (Throwable e) {
      failedWith(e);
    }
  }

  @Override
  public void woke(long dueNs, long nowNs) {
    try {
      observer.woke(dueNs, nowNs);
    } catch (Throwable e) {
      failedWith(e);
    }
  }

  @Override
  public void moved(int bytesSent, int bytesReceived) {
    try {
      observer.moved(bytesSent, bytesReceived);
    } catch (Throwable e) {
      failedWith(e);
    }
  }

  @Override
  public void connectionOpened() {
    try {
      observer.connectionOpened();
    } catch (Throwable e) {
      failedWith(e);
    }
  }

  @Override
  public void connectionFailed() {
    try {
      observer.connectionFailed();
    } catch (Throwable e) {
      failedWith(e);
    }
  }

  @Override
  public void failedOver(URI from, URI to, String cause) {
    try {
      observer.failedOver(from, to, cause);
    } catch (Throwable e) {
      failedWith(e);
    }
  }
}
