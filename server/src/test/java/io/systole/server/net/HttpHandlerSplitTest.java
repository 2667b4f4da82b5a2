// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Any split of the input over reads leads to the same responses in the same order. */
class HttpHandlerSplitTest {
  private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.1 (\\d{3}) ");
  private static final int SEQUENCES = 150;
  private static final int SPLITS_PER_SEQUENCE = 6;

  /** The input of one connection and the expected statuses. */
  private static final class Script {
    private final StringBuilder bytes = new StringBuilder();
    private final List<String> statuses = new ArrayList<>();

    void add(String request, String... expected) {
      bytes.append(request);
      statuses.addAll(List.of(expected));
    }
  }

  private record Outcome(String responses, List<String> calls, long requests, boolean isOpen) {}

  private final HttpHandlerFixture fixture = new HttpHandlerFixture();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  @Test
  void read_anySplitOfRandomSequence_givesTheResponsesOfTheWhole() {
    for (long seed = 1; seed <= SEQUENCES; seed++) {
      Random random = new Random(seed);
      Script script = script(random);

      Outcome whole = responseWhole(script);

      assertThat(statusesIn(whole.responses)).as("seed %d", seed).isEqualTo(script.statuses);
      for (int split = 0; split < SPLITS_PER_SEQUENCE; split++) {
        Outcome segments = responseInSegments(script, random);
        assertThat(segments).as("seed %d, split %d", seed, split).isEqualTo(whole);
      }
    }
  }

  @Test
  void read_everySplitInTwo_givesTheResponsesOfTheWhole() {
    Script script = new Script();
    addEachKind(script);
    Outcome whole = responseWhole(script);

    for (int at = 1; at < script.bytes.length(); at++) {
      EmbeddedConnection connection = fixture.connect();
      Meter meter = new Meter();
      connection.read(script.bytes.substring(0, at));
      connection.read(script.bytes.substring(at));
      Outcome halves = finish(script, connection, meter);

      assertThat(halves).as("split at %d", at).isEqualTo(whole);
    }
  }

  private static List<String> statusesIn(String responses) {
    return STATUS_LINE.matcher(responses).results().map(found -> found.group(1)).toList();
  }

  // ---------------------------------------------------------------- sequences

  private static final int KINDS = 15;

  private static Script script(Random random) {
    Script script = new Script();
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      addRequest(script, random.nextInt(KINDS), i);
    }
    int tail = random.nextInt(8);
    if (tail == 0) {
      script.add("PUT /v2/apps/A/i HTTP/1.1\r\nBad Header: x\r\n\r\nGET / HTTP/1.1\r\n", "400");
    } else if (tail == 1) {
      script.add(
          "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HttpHandlerFixture.HOST + "zz",
          "400");
    } else if (tail == 2) {
      script.add(
          "GET /slow/last HTTP/1.1\r\nConnection: close\r\n" + HttpHandlerFixture.HOST, "200");
      script.bytes.append(HttpHandlerFixture.put("after-the-end"));
    } else if (tail == 3) {
      script.bytes.append("PUT /v2/apps/A/never-finished HT");
    }
    return script;
  }

  private static void addEachKind(Script script) {
    for (int kind = 0; kind < KINDS; kind++) {
      addRequest(script, kind, kind);
    }
    script.add("BREW /pot HTTP/1.1\r\n" + HttpHandlerFixture.HOST, "501");
  }

  private static void addRequest(Script script, int kind, int i) {
    String host = HttpHandlerFixture.HOST;
    switch (kind) {
      case 0 -> script.add(HttpHandlerFixture.put("i-" + i), "200");
      case 1 -> script.add(putOfUsualForm("u-" + i), "200");
      case 2 -> script.add(HttpHandlerFixture.put("unknown-" + i), "404");
      case 3 ->
        script.add(
            "PUT /v2/apps/A/b-" + i + " HTTP/1.1\r\nContent-Length: 2\r\n" + host + "{}", "200");
      case 4 ->
        script.add(
            "PUT /v2/apps/A/c-" + i + " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + host
                + "1\r\n{\r\n1;x=y\r\n}\r\n0\r\nTrailer: t\r\n\r\n",
            "200");
      case 5 -> script.add(HttpHandlerFixture.put("%69-" + i), "200");
      case 6 -> script.add(HttpHandlerFixture.post("/v2/apps/A", "{\"n\":" + i + "}"), "204");
      case 7 ->
        script.add(
            "POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n" + host + "hello",
            "100",
            "200");
      case 8 -> script.add(HttpHandlerFixture.get("/v2/apps/A/i-" + i), "200");
      case 9 -> script.add("HEAD /v2/apps/A/i-" + i + " HTTP/1.1\r\n" + host, "200");
      case 10 -> script.add("OPTIONS * HTTP/1.1\r\n" + host, "204");
      case 11 -> script.add(HttpHandlerFixture.get("/slow/" + i), "200");
      case 12 ->
        script.add(
            "PUT /v2/apps/A/p-" + i + " HTTP/1.1\r\nx-netflix-discovery-replication: true\r\n"
                + host,
            "200");
      case 13 -> addHeartbeats(script, i);
      default -> script.add("\r\n" + HttpHandlerFixture.get("/nowhere/" + i), "404");
    }
  }

  /** Adds more heartbeats than are handled together, some of unknown instances. */
  private static void addHeartbeats(Script script, int i) {
    for (int n = 0; n < HttpHandlerFixture.HEARTBEATS_MAX + 3; n++) {
      boolean isKnown = (n & i + 1) == 0;
      String id = (isKnown ? "h-" : "unknown-") + i + "-" + n;
      boolean isUsual = n % 5 > 0;
      script.add(
          isUsual ? putOfUsualForm(id) : HttpHandlerFixture.put(id), isKnown ? "200" : "404");
    }
  }

  /** Returns a heartbeat of the form that is matched without parsing if it follows another one. */
  private static String putOfUsualForm(String id) {
    return "PUT /v2/apps/A/" + id + "?status=UP&lastDirtyTimestamp=1700000000007 HTTP/1.1\r\n"
        + HttpHandlerFixture.HOST;
  }

  // ---------------------------------------------------------------- runs

  /** The counters before a run. */
  private final class Meter {
    private final long requestsBefore = fixture.counters.requests();

    Meter() {
      fixture.calls.clear();
    }
  }

  private Outcome responseWhole(Script script) {
    EmbeddedConnection connection = fixture.connect();
    Meter meter = new Meter();
    connection.read(script.bytes.toString());
    return finish(script, connection, meter);
  }

  private Outcome responseInSegments(Script script, Random random) {
    EmbeddedConnection connection = fixture.connect();
    Meter meter = new Meter();
    int longest = 1 + random.nextInt(random.nextBoolean() ? 4 : 200);
    int at = 0;
    while (at < script.bytes.length()) {
      int to = Math.min(script.bytes.length(), at + 1 + random.nextInt(longest));
      connection.readMore(script.bytes.substring(at, to));
      if (random.nextBoolean()) {
        connection.flushInbound();
      }
      if (random.nextInt(4) == 0) {
        fixture.runReadyTasks();
      }
      at = to;
    }
    connection.flushInbound();
    return finish(script, connection, meter);
  }

  private Outcome finish(Script script, EmbeddedConnection connection, Meter meter) {
    while (statusesIn(connection.received()).size() < script.statuses.size()) {
      fixture.runNextTask();
    }
    return new Outcome(
        connection.received(),
        List.copyOf(fixture.calls),
        fixture.counters.requests() - meter.requestsBefore,
        !connection.isOutputShutdown());
  }
}
