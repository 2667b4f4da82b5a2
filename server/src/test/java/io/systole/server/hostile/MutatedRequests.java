// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Malformed HTTP: requests with random mutations, and known ambiguities. */
final class MutatedRequests implements Supplier<byte[]> {
  private static final int MUTATIONS_MAX = 6;
  private static final List<String> FRAGMENTS = List.of(
      "\r\n",
      "\n",
      "\r",
      "\0",
      " ",
      "\t",
      ":",
      "%",
      "%00",
      "%zz",
      "\u00ff",
      "\r\n ",
      "Content-Length: 5\r\n",
      "Content-Length: 5, 6\r\n",
      "Content-Length: -1\r\n",
      "Content-Length: 99999999999999999999\r\n",
      "Transfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked, identity\r\n",
      "Transfer-Encoding : chunked\r\n",
      "Expect: 100-continue\r\n",
      "Content-Encoding: gzip\r\n",
      "Upgrade: h2c\r\n",
      "HTTP/9.9",
      "GET http://a/ HTTP/1.1\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\u0016\u0003\u0001\u0002\u0000\u0001\u0000",
      "{\"instance\":",
      "<!DOCTYPE a [<!ENTITY b \"c\">]><instance>&b;</instance>");

  private static final String APP = RequestBytes.BASE + "/apps/MUTANT";

  /** Requests that name no instance of the fleet. */
  private static final List<byte[]> SEEDS = List.of(
      RequestBytes.heartbeat("MUTANT", "i"),
      RequestBytes.registration("MUTANT", "i"),
      RequestBytes.bare("GET", APP),
      RequestBytes.bare("GET", RequestBytes.BASE + "/apps/delta?since=1&wait=1"),
      RequestBytes.bare("GET", RequestBytes.BASE + "/vips/a"),
      RequestBytes.bare("DELETE", APP + "/i"),
      RequestBytes.bare("PUT", APP + "/i/status?value=DOWN"),
      RequestBytes.bare("PUT", APP + "/i/metadata?a=b"),
      RequestBytes.bare("OPTIONS", "*"),
      RequestBytes.bytes("POST " + APP + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
          + "Content-Type: application/xml\r\n\r\n5\r\n<inst\r\n0\r\n\r\n"),
      RequestBytes.post(
          "/peerreplication/batch",
          "Content-Type: application/json",
          RequestBytes.bytes("{\"replicationList\":[{\"appName\":\"MUTANT\",\"id\":\"i\","
              + "\"action\":\"Heartbeat\",\"lastDirtyTimestamp\":1}]}")));

  private final Random random;

  MutatedRequests(Random random) {
    this.random = random;
  }

  @Override
  public byte[] get() {
    byte[] seed = SEEDS.get(random.nextInt(SEEDS.size()));
    StringBuilder text = new StringBuilder(new String(seed, StandardCharsets.ISO_8859_1));
    int mutations = 1 + random.nextInt(MUTATIONS_MAX);
    for (int i = 0; i < mutations; i++) {
      mutate(text);
    }
    return RequestBytes.bytes(text.toString());
  }

  private void mutate(StringBuilder text) {
    int at = random.nextInt(text.length() + 1);
    int end = Math.min(text.length(), at + 1 + random.nextInt(40));
    switch (random.nextInt(6)) {
      case 0 -> text.delete(at, end);
      case 1 -> text.insert(at, text.substring(at, end));
      case 2 -> text.insert(at, (char) random.nextInt(256));
      case 3 -> text.setLength(at);
      case 4 -> text.insert(at, Character.toString('A' + random.nextInt(26)).repeat(20_000));
      default -> text.insert(at, FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
    }
  }
}
