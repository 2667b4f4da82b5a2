// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A client that sends heartbeats in sequence and fails the test unless each receives 200. */
final class HealthyClient implements AutoCloseable {
  private static final String HEARTBEAT = HttpHandlerFixture.put("i-1");

  private final LiveClient client;
  private final Thread thread = new Thread(this::run, "healthy-client");
  private final AtomicLong beats = new AtomicLong();
  private volatile boolean isStopped;
  private volatile @Nullable Throwable failure;

  private HealthyClient(LiveClient client) {
    this.client = client;
  }

  /** Registers {@code A/i-1} and starts sending heartbeats. */
  static HealthyClient start(int port) throws IOException {
    LiveClient client = LiveClient.connect(port);
    client.send(registration());
    ParsedResponse callback = client.response();
    if (callback.status() != 204) {
      throw new IllegalStateException("not registered: " + callback);
    }
    HealthyClient healthy = new HealthyClient(client);
    healthy.thread.start();
    return healthy;
  }

  /** A registration of {@code A/i-1}. */
  static String registration() {
    String document = """
        {"instance": {"instanceId": "i-1", "app": "A", "hostName": "h", "ipAddr": "127.0.0.1",
          "vipAddress": "a", "status": "UP", "port": {"$": 80, "@enabled": "true"},
          "dataCenterInfo": {
            "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"}}}
        """;
    return "POST /v2/apps/A HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: "
        + document.length() + "\r\n" + HttpHandlerFixture.HOST + document;
  }

  private void run() {
    try {
      while (!isStopped) {
        client.send(HEARTBEAT);
        ParsedResponse callback = client.response();
        if (callback.status() != 200) {
          throw new AssertionError("a healthy heartbeat was answered " + callback);
        }
        beats.incrementAndGet();
      }
    } catch (IOException | RuntimeException | Error lost) {
      failure = lost;
    }
  }

  /** Waits for some more responses. */
  void requireServed() {
    long before = beats.get();
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(1))
        .until(() -> failure != null || beats.get() >= before + 3);
    requireNoFailure();
  }

  private void requireNoFailure() {
    if (failure != null) {
      throw new AssertionError("the healthy client was not served", failure);
    }
  }

  /** Stops, and throws if any heartbeat received no 200. */
  @Override
  public void close() throws IOException {
    isStopped = true;
    try {
      thread.join(10_000);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
    client.close();
    requireNoFailure();
  }
}
