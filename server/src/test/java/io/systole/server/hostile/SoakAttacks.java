// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import io.systole.server.hostile.SlowConnections.Plan;
import io.systole.server.hostile.SlowConnections.Turn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** The loads of a soak beside {@link Attacks}: short leases, streams, handshakes, credentials. */
final class SoakAttacks {
  /** Less than the shortest lease of the churn, in seconds. */
  private static final int LEASE_SECONDS = 3;

  private static final byte[] NOTHING = {};
  private static final Set<Integer> REFUSED = Set.of(401);

  private final Attackers attackers;
  private final SoakSecurity security;
  private final Random random;

  SoakAttacks(Attackers attackers, SoakSecurity security, Random random) {
    this.attackers = attackers;
    this.security = security;
    this.random = random;
  }

  List<Attack> all() {
    List<Attack> all = new ArrayList<>();
    all.add(churn());
    all.addAll(streams());
    all.addAll(handshakes());
    all.addAll(credentials());
    return all;
  }

  /** Instances that are registered, overridden and changed; half are cancelled, half expire. */
  private Attack churn() {
    int[] number = {0};
    return new RequestFlood(
        attackers, "short leases", 1, 200, RequestFlood.ANY, () -> churn(number[0]++));
  }

  private static byte[] churn(int number) {
    int instance = number / 4;
    String app = "CHURN-" + instance % 10;
    String id = "c-" + instance;
    String path = RequestBytes.BASE + "/apps/" + app + "/" + id;
    return switch (number % 4) {
      case 0 -> RequestBytes.registration(app, id, LEASE_SECONDS);
      case 1 -> RequestBytes.bare("PUT", path + "/status?value=OUT_OF_SERVICE");
      case 2 -> RequestBytes.bare("PUT", path + "/metadata?k=" + number);
      default ->
        instance % 2 == 0 ? RequestBytes.bare("DELETE", path) : RequestBytes.heartbeat(app, id);
    };
  }

  private List<Attack> streams() {
    byte[] stream = get("Accept: text/event-stream");
    return List.of(
        held(attackers, "streams read slowly", 20, 5, Turn.READ_ONE_BYTE, stream),
        held(
            attackers,
            "compressed registries read slowly",
            20,
            5,
            Turn.READ_ONE_BYTE,
            get("Accept: application/json\r\nAccept-Encoding: gzip")),
        new ShortConnections(attackers, "streams abandoned", 5, 1_000, random, () -> stream));
  }

  private static byte[] get(String fields) {
    return RequestBytes.bytes(
        "GET " + RequestBytes.BASE + "/apps HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n");
  }

  private List<Attack> handshakes() {
    Attackers plain = attackers.with(security.plain());
    Supplier<byte[]> heartbeat = () -> RequestBytes.heartbeat("GHOST", "i");
    return List.of(
        held(plain, "connections without a handshake", 50, 10, Turn.NOTHING, NOTHING),
        opened(plain, "aborted and altered handshakes", 20, this::clientHello),
        opened(plain, "plain text to the port of TLS", 10, new MutatedRequests(random)),
        opened(attackers.with(security.foreign()), "foreign client certificates", 5, heartbeat),
        opened(attackers.with(security.expired()), "expired client certificates", 5, heartbeat));
  }

  /** Returns the first bytes of a handshake: all, some, followed by others, or altered. */
  private byte[] clientHello() {
    SSLEngine engine = security.tls().createSSLEngine();
    engine.setUseClientMode(true);
    ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    try {
      engine.wrap(ByteBuffer.wrap(NOTHING), record);
    } catch (SSLException impossible) {
      throw new IllegalStateException(impossible);
    }
    byte[] hello = Arrays.copyOf(record.array(), record.position());
    switch (random.nextInt(4)) {
      case 0 -> hello = Arrays.copyOf(hello, random.nextInt(hello.length));
      case 1 -> hello = Arrays.copyOf(hello, hello.length + random.nextInt(500));
      case 2 -> hello[random.nextInt(hello.length)] ^= (byte) (1 + random.nextInt(255));
      default -> {}
    }
    return hello;
  }

  private List<Attack> credentials() {
    return List.of(
        refused("removed tokens", security.formerToken(), 20, REFUSED),
        // Once too many passwords were wrong, unknown ones receive 503 without a comparison.
        refused("removed users", security.formerUser(), 5, Set.of(401, 503)),
        refused("wrong passwords", security.wrongPassword(), 5, Set.of(401, 503)),
        refused("malformed credentials", security.malformed(), 5, Set.of(400, 401)));
  }

  private Attack refused(String name, ClientAccess access, int perSecond, Set<Integer> statuses) {
    return new RequestFlood(
        attackers.with(access),
        name,
        2,
        perSecond,
        statuses,
        () -> RequestBytes.registration("INTRUDER", "i"));
  }

  private Attack opened(Attackers from, String name, int perSecond, Supplier<byte[]> openings) {
    return new ShortConnections(from, name, perSecond, 200, random, openings);
  }

  private static Attack held(
      Attackers from, String name, int connections, int perSecond, Turn turn, byte[] opening) {
    return new SlowConnections(
        from, new Plan(name, connections, perSecond, turn, opening, NOTHING));
  }
}
