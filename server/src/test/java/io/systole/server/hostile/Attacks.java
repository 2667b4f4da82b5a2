// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import io.systole.server.hostile.SlowConnections.Plan;
import io.systole.server.hostile.SlowConnections.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The attacks with their rates, which leave the machine's other core to the node. */
final class Attacks {
  /** The application that cross-site requests aim at; its instances belong to the fleet. */
  static final String VICTIM = "VICTIM";

  static final int VICTIMS = 50;

  /** The requests of which one renews the instance that grows, before its lease expires. */
  private static final int RENEWED_EVERY = 40;

  private static final Set<Integer> ANY = RequestFlood.ANY;
  private static final Set<Integer> OK = Set.of(200);
  private static final int MIB = 1024 * 1024;
  private static final String JSON = "Content-Type: application/json";
  private static final String GZIPPED = JSON + "\r\nContent-Encoding: gzip";
  private static final String BATCH = "/peerreplication/batch";
  private static final byte[] NOTHING = {};

  private final Attackers attackers;
  private final int divisor;
  private final Random random;

  /** @param divisor of the rates and the numbers of connections, which are at least one */
  Attacks(Attackers attackers, int divisor, Random random) {
    this.attackers = attackers;
    this.divisor = divisor;
    this.random = random;
  }

  /** Returns all attacks, and the polls of an operator. */
  List<Attack> all() {
    List<Attack> all = new ArrayList<>(polls());
    all.addAll(growingState());
    all.addAll(batches());
    all.addAll(slowPeers());
    all.addAll(manyConnections());
    all.addAll(costlyReads());
    all.add(crossSite());
    all.add(new ShortConnections(
        attackers, "malformed HTTP", share(100), 400, random, new MutatedRequests(random)));
    return all;
  }

  private List<Attack> growingState() {
    // Each entry and their number are within limits; only the total is large.
    String large = IntStream.range(0, 1_000)
        .mapToObj(i -> "\"k" + i + "\":\"" + "x".repeat(1_030) + '"')
        .collect(Collectors.joining(","));
    byte[] again = RequestBytes.post(
        "/apps/LARGE", GZIPPED, RequestBytes.gzip(RequestBytes.document("LARGE", "i", large)));
    int[] names = {0};
    int[] ids = {0};
    return List.of(
        flood("metadata of one instance", 4, 20, ANY, () -> growth(names[0]++)),
        flood("1 MiB documents of one id", 4, 5, ANY, () -> again),
        flood("1 MiB documents of new ids", 4, 10, ANY, () -> {
          String id = "i-" + ids[0]++;
          return RequestBytes.post(
              "/apps/LARGE", GZIPPED, RequestBytes.gzip(RequestBytes.document("LARGE", id, large)));
        }));
  }

  /** Adds an entry of 8 KB, or overwrites one; begins with the instance, and renews it. */
  private static byte[] growth(int number) {
    if (number % RENEWED_EVERY == 1) {
      return RequestBytes.heartbeat("GROWING", "i");
    }
    return number % 5_000 == 0
        ? RequestBytes.registration("GROWING", "i")
        : RequestBytes.bare(
            "PUT",
            RequestBytes.BASE + "/apps/GROWING/i/metadata?k" + number % 1_500 + "="
                + "v".repeat(8_000));
  }

  private List<Attack> batches() {
    String items = "{},".repeat(349_000);
    byte[] many = RequestBytes.gzip(RequestBytes.bytes(
        "{\"replicationList\":[" + items.substring(0, items.length() - 1) + "]}"));
    byte[] nested =
        RequestBytes.gzip(RequestBytes.bytes("{\"replicationList\":" + "[".repeat(MIB - 1_000)));
    byte[] garbage = new byte[4_000];
    random.nextBytes(garbage);
    byte[] one = RequestBytes.bytes("{\"replicationList\":[{\"appName\":\"" + VICTIM
        + "\",\"id\":\"i-0\",\"action\":\"Cancel\"}]}");
    byte[] chunk = RequestBytes.bytes("4000\r\n" + " ".repeat(0x4000) + "\r\n");
    return List.of(
        flood(
            "batches of 349,000 items",
            200,
            10,
            ANY,
            () -> RequestBytes.post(BATCH, GZIPPED, many)),
        flood(
            "batches as text/plain",
            4,
            5,
            ANY,
            () -> RequestBytes.post(
                BATCH, "Content-Type: text/plain\r\nOrigin: https://evil.example", one)),
        flood("nested batches", 8, 10, ANY, () -> RequestBytes.post(BATCH, GZIPPED, nested)),
        flood("garbage as batches", 8, 20, ANY, () -> RequestBytes.post(BATCH, GZIPPED, garbage)),
        held(
            "endless chunked bodies",
            50,
            50,
            Turn.SEND_MORE,
            RequestBytes.bytes("POST " + RequestBytes.BASE + BATCH + " HTTP/1.1\r\nHost: a\r\n"
                + JSON + "\r\nTransfer-Encoding: chunked\r\n\r\n"),
            chunk));
  }

  private List<Attack> slowPeers() {
    byte[] half =
        RequestBytes.bytes("POST " + RequestBytes.BASE + "/apps/HALF HTTP/1.1\r\nHost: a\r\n" + JSON
            + "\r\nContent-Length: 500000\r\n\r\n" + " ".repeat(100_000));
    return List.of(
        held(
            "readers of one byte a second",
            1_000,
            200,
            Turn.READ_ONE_BYTE,
            RequestBytes.bytes("GET " + RequestBytes.BASE
                + "/apps HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n"),
            NOTHING),
        held("half-sent bodies", 400, 100, Turn.NOTHING, half, NOTHING),
        held(
            "half-sent heads",
            400,
            100,
            Turn.SEND_MORE,
            RequestBytes.bytes("PUT " + RequestBytes.BASE + "/apps/HALF/i HTTP/1.1\r\nX: "),
            RequestBytes.bytes("x")));
  }

  private List<Attack> manyConnections() {
    return List.of(
        held("idle connections", 10_000, 1_000, Turn.NOTHING, NOTHING, NOTHING),
        new ShortConnections(
            attackers,
            "connections opened and closed",
            share(100),
            50,
            random,
            () -> random.nextBoolean() ? NOTHING : RequestBytes.heartbeat("GHOST", "i")));
  }

  private List<Attack> costlyReads() {
    return List.of(flood(
        "explain of unknown ids",
        64,
        200,
        ANY,
        () -> RequestBytes.bare("GET", "/systole/explain/GHOST/" + random.nextLong())));
  }

  /** Requests that a browser sends for a page of another site. */
  private Attack crossSite() {
    List<String> origins = List.of(
        "Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n",
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\n");
    return flood("cross-site requests", 4, 20, Set.of(403), () -> {
      String origin = origins.get(random.nextInt(origins.size()));
      String instance = "/" + VICTIM + "/i-" + random.nextInt(VICTIMS);
      String line = switch (random.nextInt(4)) {
        case 0 -> "POST /systole/evict" + instance;
        case 1 -> "POST " + RequestBytes.BASE + "/apps/" + VICTIM;
        case 2 -> "PUT " + RequestBytes.BASE + "/apps" + instance + "/status?value=DOWN";
        default -> "DELETE " + RequestBytes.BASE + "/apps" + instance;
      };
      return RequestBytes.bytes(line + " HTTP/1.1\r\nHost: a\r\n" + origin
          + "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}");
    });
  }

  /** The polls of an operator, which are driven like an attack. */
  private List<Attack> polls() {
    return List.of(
        flood("(poll) /metrics", 1, 1, OK, () -> RequestBytes.bare("GET", "/metrics")),
        flood(
            "(poll) status",
            1,
            1,
            OK,
            () -> RequestBytes.bare("GET", RequestBytes.BASE + "/status")),
        flood("(poll) /health", 1, 1, OK, () -> RequestBytes.bare("GET", "/health")));
  }

  private Attack flood(
      String name,
      int connections,
      int perSecond,
      Set<Integer> required,
      Supplier<byte[]> requests) {
    return new RequestFlood(
        attackers, name, share(connections), share(perSecond), required, requests);
  }

  private int share(int whole) {
    return Math.max(1, whole / divisor);
  }

  private Attack held(
      String name, int connections, int opensPerSecond, Turn turn, byte[] opening, byte[] more) {
    return new SlowConnections(
        attackers, new Plan(name, share(connections), share(opensPerSecond), turn, opening, more));
  }
}
