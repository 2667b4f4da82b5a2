// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Receives the responses of asynchronous endpoints. */
final class SentResponse implements ResponseCallback {
  private final BlockingQueue<Response> responses = new LinkedBlockingQueue<>();

  @Override
  public void send(Response response) {
    responses.add(response);
  }

  @Override
  public void onAbandoned(Runnable action) {}

  /** Waits for the next response. */
  Response next() {
    try {
      Response response = responses.poll(30, TimeUnit.SECONDS);
      if (response == null) {
        throw new AssertionError("no response within 30 s");
      }
      return response;
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }
}
