// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.net.LiveClient;
import io.systole.server.net.ParsedResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Crash recovery of a node in a separate process, killed at random times under a load of changes
 * and restarted on its data directory. The property {@code systole.kills} is the number of kills.
 */
@Tag("randomized")
class KilledNodeIT {
  private static final int KILLS = Integer.getInteger("systole.kills", Repetitions.of(2));
  private static final long SEED = Long.getLong("systole.seed", 20_260_101);
  private static final int INSTANCES = 40;

  /** The window of the node's --journal-sync, and time for a slow machine. */
  private static final long WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long TIMEOUT_SECONDS = 60;

  /**
   * A requested change: registration with this number as metadata, or cancellation for 0.
   *
   * @param answeredNs time of the acknowledgement, {@link Long#MAX_VALUE} if there was none
   */
  private record RequestedChange(int number, long answeredNs) {}

  private final Random random = new Random(SEED);
  private final List<List<RequestedChange>> requested = new ArrayList<>();
  private final JsonCodec codec = new JsonCodec();
  private int numbers;
  private @Nullable NodeProcess node;
  private int port;

  @TempDir
  private Path folder;

  KilledNodeIT() {
    for (int i = 0; i < INSTANCES; i++) {
      requested.add(new ArrayList<>(List.of(new RequestedChange(0, 0))));
    }
  }

  @AfterEach
  void kill() {
    if (node != null) {
      node.close();
    }
  }

  @Test
  void node_killedAtRandomTimes_recoversExactlyTheAcknowledgedChanges() throws Exception {
    Process running = start();
    for (int round = 1; round <= KILLS; round++) {
      long killedNs = changeUntilKilled(running, 50 + random.nextInt(1500));

      running = start();

      check(killedNs, "round " + round + " of seed " + SEED);
    }
  }

  private Process start() throws Exception {
    NodeProcess started = NodeProcess.start(
        folder.resolve("node.log"),
        NodeProcess.SMALL_JVM,
        List.of(
            "--data-dir",
            folder.resolve("data").toString(),
            "--journal-sync",
            "250ms",
            "--journal-file-size",
            "64KiB",
            "--snapshot-size",
            "64KiB"));
    node = started;
    port = started.port();
    return started.process();
  }

  /**
   * Registers and cancels in sequence until the process has ended.
   *
   * @return the time of the kill; on a busy machine the process ends much later
   */
  private long changeUntilKilled(Process killed, int afterMs) throws Exception {
    AtomicLong killedNs = new AtomicLong();
    CompletableFuture<Process> killing = CompletableFuture.supplyAsync(
            () -> {
              killedNs.set(System.nanoTime());
              return killed.destroyForcibly();
            },
            CompletableFuture.delayedExecutor(afterMs, TimeUnit.MILLISECONDS))
        .thenCompose(Process::onExit);
    try (LiveClient client = LiveClient.connect(port)) {
      while (!killing.isDone()) {
        changeOne(client);
      }
    } catch (IOException gone) {
      // The process was killed during a request.
    }
    killing.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    return killedNs.get();
  }

  private void changeOne(LiveClient client) throws IOException {
    int instance = random.nextInt(INSTANCES);
    int number = random.nextInt(4) == 0 ? 0 : ++numbers;
    List<RequestedChange> ofInstance = requested.get(instance);
    ofInstance.add(new RequestedChange(number, Long.MAX_VALUE));
    client.send(number == 0 ? cancel(instance) : registration(instance, number));
    ParsedResponse response = client.response();
    assertThat(response.status()).isIn(200, 204, 404);
    ofInstance.set(ofInstance.size() - 1, new RequestedChange(number, System.nanoTime()));
  }

  /** Compares each instance with the requested changes; the next round starts from its state. */
  private void check(long killedNs, String round) throws Exception {
    try (LiveClient client = LiveClient.connect(port)) {
      for (int instance = 0; instance < INSTANCES; instance++) {
        client.send("GET /v2/apps/A/i-" + instance
            + " HTTP/1.1\r\nAccept: application/json\r\nHost: a\r\n\r\n");
        int number = numberIn(client.response());

        List<RequestedChange> ofInstance = requested.get(instance);
        assertThat(candidates(ofInstance, killedNs))
            .as("%s, instance %s, requested %s", round, instance, ofInstance)
            .contains(number);
        ofInstance.clear();
        ofInstance.add(new RequestedChange(number, 0));
      }
    }
  }

  /** Returns the last change that must have survived, and those after it. */
  private static List<Integer> candidates(List<RequestedChange> ofInstance, long killedNs) {
    int last = 0;
    for (int i = 1; i < ofInstance.size(); i++) {
      long answeredNs = ofInstance.get(i).answeredNs();
      if (answeredNs != Long.MAX_VALUE && killedNs - answeredNs > WINDOW_NS) {
        last = i;
      }
    }
    return ofInstance.subList(last, ofInstance.size()).stream()
        .map(RequestedChange::number)
        .toList();
  }

  private int numberIn(ParsedResponse response) throws MalformedDocumentException {
    if (response.status() == 404) {
      return 0;
    }
    assertThat(response.status()).isEqualTo(200);
    byte[] json = response.body().getBytes(StandardCharsets.ISO_8859_1);
    InstanceInfo instance = codec.decodeInstance(json, 0, json.length, 0);
    return Integer.parseInt(instance.metadata().getOrDefault("number", "-1"));
  }

  private static String cancel(int instance) {
    return "DELETE /v2/apps/A/i-" + instance + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }

  private static String registration(int instance, int number) {
    String document = """
        {"instance": {"instanceId": "i-%d", "app": "A", "hostName": "h", "ipAddr": "127.0.0.1",
          "status": "UP", "lastDirtyTimestamp": "%d", "metadata": {"number": "%d"},
          "dataCenterInfo": {
            "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"}}}
        """.formatted(instance, number, number);
    return "POST /v2/apps/A HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: "
        + document.length() + "\r\nHost: a\r\n\r\n" + document;
  }
}
