// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.net.Answer;
import io.systole.server.net.LiveClient;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node as a process of its own, killed at random moments under a load of changes and started
 * again on what it left. The property {@code systole.kills} says how often; a few times by default.
 */
class KilledNodeTest {
  private static final int KILLS = Integer.getInteger("systole.kills", 4);
  private static final long SEED = Long.getLong("systole.seed", 20_260_101);
  private static final int INSTANCES = 40;

  /** The window of the node's --journal-sync-ms, and time for a slow machine. */
  private static final long WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long TIMEOUT_SECONDS = 60;

  /**
   * What was asked for: the instance with this number as its metadata, or none for 0.
   *
   * @param answeredNs when it was acknowledged; {@link Long#MAX_VALUE} when it was not
   */
  private record Wish(int number, long answeredNs) {}

  private final Random random = new Random(SEED);
  private final List<List<Wish>> wishes = new ArrayList<>();
  private final JsonCodec codec = new JsonCodec();
  private int numbers;
  private @Nullable NodeProcess node;
  private int port;

  @TempDir
  private Path folder;

  KilledNodeTest() {
    for (int i = 0; i < INSTANCES; i++) {
      wishes.add(new ArrayList<>(List.of(new Wish(0, 0))));
    }
  }

  @AfterEach
  void kill() {
    if (node != null) {
      node.close();
    }
  }

  @Test
  void node_killedAtRandomMoments_holdsWhatWasAcknowledgedAndNothingElse() throws Exception {
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
        List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"),
        List.of(
            "--data-dir",
            folder.resolve("data").toString(),
            "--journal-sync-ms",
            "250",
            "--journal-file-bytes",
            "65536",
            "--snapshot-bytes",
            "65536"));
    node = started;
    port = started.port();
    return started.process();
  }

  /**
   * Registers and cancels, one after the other, until the process is gone.
   *
   * @return when it was killed; on a busy machine it is gone long after
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
      // The process was killed while it was asked for something.
    }
    killing.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    return killedNs.get();
  }

  private void changeOne(LiveClient client) throws IOException {
    int instance = random.nextInt(INSTANCES);
    int number = random.nextInt(4) == 0 ? 0 : ++numbers;
    List<Wish> ofInstance = wishes.get(instance);
    ofInstance.add(new Wish(number, Long.MAX_VALUE));
    client.send(number == 0 ? cancel(instance) : registration(instance, number));
    Answer response = client.response();
    assertThat(response.status()).isIn(200, 204, 404);
    ofInstance.set(ofInstance.size() - 1, new Wish(number, System.nanoTime()));
  }

  /** Compares each instance with what was asked for, and goes on from what is there. */
  private void check(long killedNs, String round) throws Exception {
    try (LiveClient client = LiveClient.connect(port)) {
      for (int instance = 0; instance < INSTANCES; instance++) {
        client.send("GET /v2/apps/A/i-" + instance
            + " HTTP/1.1\r\nAccept: application/json\r\nHost: a\r\n\r\n");
        int number = numberIn(client.response());

        List<Wish> ofInstance = wishes.get(instance);
        assertThat(candidates(ofInstance, killedNs))
            .as("%s, instance %s, asked for %s", round, instance, ofInstance)
            .contains(number);
        ofInstance.clear();
        ofInstance.add(new Wish(number, 0));
      }
    }
  }

  /** The last wish that must have been kept, and those after it. */
  private static List<Integer> candidates(List<Wish> ofInstance, long killedNs) {
    int last = 0;
    for (int i = 1; i < ofInstance.size(); i++) {
      long answeredNs = ofInstance.get(i).answeredNs();
      if (answeredNs != Long.MAX_VALUE && killedNs - answeredNs > WINDOW_NS) {
        last = i;
      }
    }
    return ofInstance.subList(last, ofInstance.size()).stream()
        .map(Wish::number)
        .toList();
  }

  private int numberIn(Answer response) throws MalformedDocumentException {
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
