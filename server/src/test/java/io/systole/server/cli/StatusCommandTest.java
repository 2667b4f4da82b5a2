// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusCommandTest {
  private static final String OVERVIEW = "GET /systole/overview";

  private CommandFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new CommandFixture();
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  /** A document of the contract, with members of the tick in place of a comment. */
  static String overview(String more) {
    return """
        {'node': {'version': '0.1.0', 'startedAtMs': 1000, 'host': 'n1', 'pid': 7},
         'tick': {'atMs': 187201000, 'renewalsPerSecond': 411.27, 'leases': 12345,
           'applications': 67, 'expired': 3, 'protected': 2, 'delayP50Ms': 12, 'delayP99Ms': 1400,
           'late': 5, 'requestsPerSecond': 500, 'connections': 400, 'loopLagMs': 1.2,
           'heapUsedBytes': 125829120, 'heapMaxBytes': 536870912, 'openFiles': 450,
           'selfPreservation': {'isActive': false, 'renewalsObserved': 24676,
             'summary': 'Not active: 24676 renewals in the last minute; evictions require more than 20986. 2 expired leases are protected.'},
           'protectedByRule': {'registry': 0, 'app': 2} %s},
         'applications': [['ORDERS', 10, 9, 1, 0, 0, 0, 2, 2], ['PAY', 3, 3, 0, 0, 0, 0, 0, 0]]}
        """.formatted(more.isEmpty() ? "" : ", " + more);
  }

  @Test
  void run_soundNode_is0() {
    fixture.on(OVERVIEW, overview(""));

    assertThat(fixture.run("status")).isZero();

    assertThat(fixture.out()).isEqualTo("""
          node               systole 0.1.0, URL, host n1, pid 7,
                             running for 2d4h
          leases             12345 of 67 applications; 3 expired, 2 protected, 5 late
          renewals           411.3/s, 24676 in the last minute, delayed by 12ms
                             (median), 1s (99th percentile)
          load               requests 500.0/s, 400 connections, loop lag 1 ms, heap 120
                             of 512 MiB, 450 open files
          self-preservation  Not active: 24676 renewals in the last minute; evictions
                             require more than 20986. 2 expired leases are protected.
          protected by rule  app 2
        """);
  }

  @Test
  void run_wideTerminal_keepsSentencesOnALine() {
    fixture.columns(200).on(OVERVIEW, overview(""));

    assertThat(fixture.run("status")).isZero();

    assertThat(fixture.out())
        .contains("  self-preservation  Not active: 24676 renewals in the last minute; evictions"
            + " require more than 20986. 2 expired leases are protected.\n");
  }

  @Test
  void run_peersAndDiskFail_is4() {
    fixture.columns(100).on(OVERVIEW, overview("""
            'store': {'isDegraded': true, 'reason': 'No space left on device'},
            'reads': {'isWaiting': true, 'untilMs': 1000},
            'peers': [
              {'url': 'http://b:8761/eureka', 'address': '10.0.0.2', 'state': 'up', 'lagMs': 12,
               'due': 3, 'lastFailure': null},
              {'url': 'http://c:8761/eureka', 'address': '10.0.0.3', 'state': 'down',
               'lagMs': 62000, 'due': 4711, 'lastFailure': 'connection refused'}]"""));

    assertThat(fixture.run("status")).isEqualTo(4);

    assertThat(fixture.out()).endsWith("""
        ! disk               No space left on device
          reads              refused until 1970-01-01T00:00:01Z
        ! peers              1 of 2 down

        URL                   ADDRESS   STATE  LAG    DUE  LAST FAILURE
        http://b:8761/eureka  10.0.0.2  up     12ms     3  -
        http://c:8761/eureka  10.0.0.3  down   1m2s  4711  connection refused
        """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'selfPreservation': {'isActive': true, 'summary': 'Active.'}",
        "'store': {'isDegraded': true}",
        "'peers': [{'state': 'down'}]",
        "'cluster': {'isComplete': false, 'membersExpected': 1, 'members': [{}]}",
        "'cluster': {'isComplete': true, 'membersExpected': 2, 'members': [{}]}"
      })
  void run_oneThingIsWrong_is4AsJsonToo(String member) {
    fixture.on(OVERVIEW, "{'tick': {" + member + "}}");

    assertThat(fixture.run("status")).isEqualTo(4);
    assertThat(fixture.out()).contains("\n! ");
    assertThat(fixture.run("status", "--json")).isEqualTo(4);
  }

  @Test
  void run_memberOfACluster_hasALineForIt() {
    fixture.columns(100).on(OVERVIEW, overview("""
            'cluster': {'name': 'prod', 'isComplete': true, 'membersExpected': 2,
              'members': [{'name': 'a:7800'}, {'name': 'b:7800'}]}"""));

    assertThat(fixture.run("status")).isZero();

    assertThat(fixture.out())
        .endsWith("  cluster            prod, 2 of 2 members in view, complete\n");
  }

  @Test
  void run_memberIsMissing_isMarked() {
    fixture.columns(100).on(OVERVIEW, overview("""
            'cluster': {'name': '\\u001b[31m', 'isComplete': false, 'membersExpected': 3,
              'members': [{'name': 'a:7800'}]}"""));

    assertThat(fixture.run("status")).isEqualTo(4);

    assertThat(fixture.out())
        .endsWith("! cluster            \\u001b[31m, 1 of 3 members in view, the registry has not"
            + " arrived\n");
  }

  @Test
  void run_json_isTheDocumentOfTheNode() {
    String document = "{\n  \"tick\" : { },\n  \"other\" : [ \"\\u202e ü\" ]\n}\n";
    fixture.on(OVERVIEW, document);

    assertThat(fixture.run("status", "--json")).isZero();

    assertThat(fixture.out()).isEqualTo(document);
  }

  @Test
  void run_jsonWithControlCharacters_isEquivalentJson() {
    fixture.on(OVERVIEW, "{'reason': 'a\u202eb\u009b31m'}");

    assertThat(fixture.run("status", "--json")).isZero();

    assertThat(fixture.out()).isEqualTo("{\"reason\": \"a\\u202eb\\u009b31m\"}\n");
  }

  @Test
  void run_hostileText_isEscaped() {
    fixture.on(OVERVIEW, """
        {'node': {'version': '\\u001b[31m', 'host': '\\u202e'},
         'tick': {'selfPreservation': {'summary': 'a\\nb\\u0007'},
           'store': {'isDegraded': true, 'reason': '\\u009b2J'},
           'peers': [{'url': '\\u001b]0;t\\u0007', 'state': '\\u2066', 'lastFailure': '\\u200f'}]}}
        """);

    assertThat(fixture.run("status")).isEqualTo(4);

    assertThat(fixture.out())
        .contains(
            "\\u001b[31m", "\\u202e", "a\\u000ab\\u0007", "\\u009b2J", "\\u001b]0;t", "\\u2066")
        .matches("[\\n -~]*");
  }

  @Test
  void run_manyPeers_areCut() {
    String peers = "{'url': 'http://p', 'state': 'up'},".repeat(22);
    fixture.on(OVERVIEW, overview("'peers': [" + peers.substring(0, peers.length() - 1) + "]"));

    assertThat(fixture.run("status")).isZero();

    assertThat(fixture.out()).endsWith("\n… 2 more, systole peers\n");
  }
}
