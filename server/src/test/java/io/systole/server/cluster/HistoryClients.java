// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static io.systole.server.cluster.history.ClientOperation.ABSENT;
import static io.systole.server.cluster.history.ClientOperation.NO_RESPONSE;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.cluster.history.ClientOperation;
import io.systole.server.cluster.history.ClientOperation.Kind;
import io.systole.server.cluster.history.OperationLog;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.ObjectMapper;

/**
 * Clients of a native cluster, each a thread that sends random requests for one instance to random
 * members, one after the other, and records them.
 */
final class HistoryClients implements AutoCloseable {
  static final String APP = "HISTORY";

  private static final Duration RESPONSE_MAX = Duration.ofSeconds(2);
  private static final int PAUSE_MS_MAX = 400;

  /** The status of a request for which there was no connection. */
  private static final int NOT_SENT = -1;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<URI> members;
  private final OperationLog log;
  private final int leaseSecs;
  private final List<Thread> threads = new ArrayList<>();
  private final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(RESPONSE_MAX)
      .build();
  private volatile boolean isChanging = true;
  private volatile boolean isRunning = true;

  /**
   * Starts the clients.
   *
   * @param members service URLs
   */
  HistoryClients(List<URI> members, int clients, int leaseSecs, long seed, OperationLog log) {
    this.members = List.copyOf(members);
    this.leaseSecs = leaseSecs;
    this.log = log;
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int i = 0; i < clients; i++) {
      Client client = new Client("i-" + i, seeds.split());
      threads.add(new Thread(client::run, "history-client-" + i));
    }
    threads.forEach(Thread::start);
  }

  /** Ends registrations and cancellations; reads and renewals go on. */
  void endChanges() {
    isChanging = false;
  }

  @Override
  public void close() {
    isRunning = false;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One instance. For one thread. */
  private final class Client {
    private final String key;
    private final SplittableRandom random;
    private boolean isRegistered;

    /** That of the last registration that was sent; 0 before the first. */
    private long number;

    private int member;

    Client(String key, SplittableRandom random) {
      this.key = key;
      this.random = random;
    }

    void run() {
      try {
        while (isRunning) {
          step();
          TimeUnit.MILLISECONDS.sleep(random.nextInt(PAUSE_MS_MAX));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void step() throws InterruptedException {
      if (random.nextInt(3) == 0) {
        member = random.nextInt(members.size());
      }
      int choice = random.nextInt(100);
      if (choice < 20) {
        read();
      } else if (!isRegistered) {
        if (isChanging && choice < 60) {
          register();
        } else {
          read();
        }
      } else if (isChanging && choice < 30) {
        register();
      } else if (isChanging && choice < 38) {
        cancel();
      } else {
        renew();
      }
    }

    private void register() throws InterruptedException {
      number++;
      InstanceInfo instance = InstanceInfo.builder()
          .app(APP)
          .instanceId(key)
          .hostName("h")
          .ipAddr("10.0.0.1")
          .leaseInfo(LeaseInfo.of(Duration.ofSeconds(1), Duration.ofSeconds(leaseSecs)))
          .lastDirtyMs(number)
          .build();
      byte[] json = new JsonCodec().encodeInstance(instance, Form.FULL);
      int status = send(Kind.REGISTER, "POST", "/apps/" + APP, BodyPublishers.ofByteArray(json));
      isRegistered |= status != NOT_SENT;
    }

    private void cancel() throws InterruptedException {
      int status = send(Kind.CANCEL, "DELETE", path(), BodyPublishers.noBody());
      isRegistered = status == NOT_SENT;
    }

    private void renew() throws InterruptedException {
      int status = send(
          Kind.RENEW,
          "PUT",
          path() + "?status=UP&lastDirtyTimestamp=" + number,
          BodyPublishers.noBody());
      // As clients do; they renew at the member that accepts it.
      if (status == 404) {
        register();
      }
    }

    private void read() throws InterruptedException {
      send(Kind.READ, "GET", path(), BodyPublishers.noBody());
    }

    private String path() {
      return "/apps/" + APP + "/" + key;
    }

    private int send(Kind kind, String method, String path, BodyPublisher body)
        throws InterruptedException {
      HttpRequest request = HttpRequest.newBuilder(URI.create(members.get(member) + path))
          .method(method, body)
          .header("Content-Type", "application/json")
          .header("Accept", "application/json")
          .timeout(RESPONSE_MAX)
          .build();
      long invokedNs = System.nanoTime();
      int status = NO_RESPONSE;
      long found = kind == Kind.READ ? ABSENT : number;
      try {
        HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
        status = response.statusCode();
        if (kind == Kind.READ && status == 200) {
          found = JSON.readTree(response.body())
              .path("instance")
              .path("lastDirtyTimestamp")
              .asLong();
        }
      } catch (ConnectException | HttpConnectTimeoutException notSent) {
        leave();
        return NOT_SENT;
      } catch (IOException unknown) {
        // The status remains.
      }
      long endedNs = System.nanoTime();
      log.add(new ClientOperation(kind, key, member, found, invokedNs, endedNs, status));
      if (status == NO_RESPONSE) {
        leave();
      }
      return status;
    }

    /** The next request goes to another member. */
    private void leave() {
      member = (member + 1) % members.size();
    }
  }
}
