// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.heartbeat.CallbackFailures.CallbackKind;
import java.net.URI;

/**
 * A heartbeat listener that catches and counts all exceptions and errors of an application's
 * listener.
 */
public final class GuardedHeartbeatListener implements HeartbeatListener {
  private final HeartbeatListener listener;
  private final CallbackFailures failures;

  private GuardedHeartbeatListener(HeartbeatListener listener, CallbackFailures failures) {
    this.listener = listener;
    this.failures = failures;
  }

  /** Returns a listener that counts exceptions of the given one and returns normally. */
  public static HeartbeatListener of(HeartbeatListener listener, CallbackFailures failures) {
    return listener == NONE ? NONE : new GuardedHeartbeatListener(listener, failures);
  }

  private void recordFailure(Throwable cause) {
    failures.record(CallbackKind.OBSERVER, cause);
  }

  @Override
  public void due(long dueNs) {
    try {
      listener.due(dueNs);
    } catch (Throwable e) {
      recordFailure(e);
    }
  }

  @Override
  public void answered(int status, long dueNs, long sentNs, long answeredNs) {
    try {
      listener.answered(status, dueNs, sentNs, answeredNs);
    } catch (Throwable e) {
      recordFailure(e);
    }
  }

  @Override
  public void failed(FailureReason reason, long dueNs) {
    try {
      listener.failed(reason, dueNs);
    } catch (Throwable e) {
      recordFailure(e);
    }
  }

  @Override
  public void resent(long dueNs) {
    try {
      listener.resent(dueNs);
    } catch (Throwable e) {
      recordFailure(e);
    }
  }

  @Override
  public void registered(int status, long sentNs, long answeredNs) {
    try {
      listener.registered(status, sentNs, answeredNs);
    } catch (Throwable e) {
      recordFailure(e);
    }
  }

  @Override
  public void registrationRefused(int status, String text) {
    try {
      listener.registrationRefused(status, text);
    } catch (Throwable e) {
      recordFailure(e);
    }
  }

  @Override
  public void registrationFailed(FailureReason reason) {
    try {
      listener.registrationFailed(reason);
    } catch (Throwable e) {
      recordFailure(e);
    }
  }

  @Override
  public void loopWokeUp(long dueNs, long nowNs) {
    try {
      listener.loopWokeUp(dueNs, nowNs);
    } catch (Throwable e) {
      recordFailure(e);
    }
  }

  @Override
  public void bytesTransferred(int bytesSent, int bytesReceived) {
    try {
      listener.bytesTransferred(bytesSent, bytesReceived);
    } catch (Throwable e) {
      recordFailure(e);
    }
  }

  @Override
  public void connectionOpened() {
    try {
      listener.connectionOpened();
    } catch (Throwable e) {
      recordFailure(e);
    }
  }

  @Override
  public void connectionFailed() {
    try {
      listener.connectionFailed();
    } catch (Throwable e) {
      recordFailure(e);
    }
  }

  @Override
  public void failedOver(URI from, URI to, String cause) {
    try {
      listener.failedOver(from, to, cause);
    } catch (Throwable e) {
      recordFailure(e);
    }
  }
}
