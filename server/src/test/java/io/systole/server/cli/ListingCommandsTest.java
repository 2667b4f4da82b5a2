// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code applications}, {@code instances}, {@code peers} and {@code recent}. */
class ListingCommandsTest {
  private static final String INSTANCES = """
      {'total': 500, 'matching': 122, 'instances': [
        {'app': 'ORDERS', 'id': 'orders-7d9f6c5b8-x2x4q:orders:8080', 'hostName': 'orders-1.internal',
         'ipAddr': '10.0.0.1', 'port': 8080, 'status': 'UP', 'overriddenStatus': null,
         'lastRenewal': '2026-01-01T00:00:00.123Z', 'lastRenewalMs': 1767225600123,
         'validForMs': 61500},
        {'app': 'ORDERS', 'id': 'i\\u001b[2J\\u202e', 'hostName': 'h', 'ipAddr': '10.0.0.2',
         'port': 80, 'status': 'OUT_OF_SERVICE', 'overriddenStatus': 'OUT_OF_SERVICE',
         'lastRenewal': '2026-01-01T00:00:01Z', 'expiredForMs': 5400}]}
      """;

  private CommandFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new CommandFixture();
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void instances_narrowTerminal_cutsTexts() {
    fixture.on("GET /systole/instances?limit=100", INSTANCES);

    assertThat(fixture.run("instances")).isZero();

    assertThat(fixture.out()).isEqualTo("""
        APPLICATION  ID             STATUS                     LEASE       ADDRESS
        ORDERS       orders-7d9f6…  UP                         valid 1m1s  10.0.0.1:8080
        ORDERS       i\\u001b[2J\\u…  OUT_OF_SERVICE (override)  expired 5s  10.0.0.2:80
        … 120 more, --limit
        """);
  }

  @Test
  void instances_wideTerminal_showsAll() {
    fixture.columns(200).on("GET /systole/instances?limit=100", INSTANCES);

    assertThat(fixture.run("instances")).isZero();

    assertThat(fixture.out()).isEqualTo("""
        APPLICATION  ID                                  STATUS                     LEASE       ADDRESS        HOST               LAST RENEWAL
        ORDERS       orders-7d9f6c5b8-x2x4q:orders:8080  UP                         valid 1m1s  10.0.0.1:8080  orders-1.internal  2026-01-01T00:00:00.123Z
        ORDERS       i\\u001b[2J\\u202e                    OUT_OF_SERVICE (override)  expired 5s  10.0.0.2:80    h                  2026-01-01T00:00:01Z
        … 120 more, --limit
        """);
  }

  @Test
  void instances_filters_areEncoded() {
    fixture.on(
        "GET /systole/instances?app=A%2FB&status=UP&search=%C3%BC%20%26limit%3D1&limit=7",
        "{'matching': 0, 'instances': []}");

    assertThat(fixture.run(
            "instances", "A/B", "--status", "UP", "--search", "ü &limit=1", "--limit", "7"))
        .as(fixture.err())
        .isZero();
    assertThat(fixture.out()).isEqualTo("none\n");
  }

  @Test
  void instances_atSign_isNoFileOfArguments() {
    fixture.on("GET /systole/instances?app=%40pom.xml&limit=100", "{'instances': []}");

    assertThat(fixture.run("instances", "@pom.xml")).as(fixture.err()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "10001", "x"})
  void instances_invalidLimit_is2(String limit) {
    assertThat(fixture.run("instances", "--limit", limit)).isEqualTo(2);

    assertThat(fixture.err()).contains("--limit");
    assertThat(fixture.requests()).isEmpty();
  }

  @Test
  void applications_counts_areAligned() {
    fixture.on("GET /systole/applications?search=o&limit=100", """
        {'total': 5, 'matching': 2, 'applications': [
          {'name': 'ORDERS', 'instances': 1200, 'statuses': {'UP': 1199, 'DOWN': 1}, 'expired': 3,
           'protected': 0},
          {'name': 'FOO', 'instances': 1, 'statuses': {'UP': 1}, 'expired': 0, 'protected': 0}]}
        """);

    assertThat(fixture.run("applications", "--search", "o")).isZero();

    assertThat(fixture.out()).isEqualTo("""
        APPLICATION  INSTANCES  EXPIRED  PROTECTED  STATUS
        ORDERS            1200        3          0  UP 1199, DOWN 1
        FOO                  1        0          0  UP 1
        """);
  }

  @Test
  void peers_limit_isOfTheTable() {
    fixture.on("GET /systole/peers", """
        {'node': 'x', 'peers': [
          {'url': 'http://b:8761/eureka', 'address': '10.0.0.2', 'state': 'up', 'lagMs': 0,
           'due': 0, 'lastFailure': null},
          {'url': 'http://c:8761/eureka', 'address': '10.0.0.3', 'state': 'down', 'lagMs': 100000,
           'due': 0, 'lastFailure': null}]}
        """);

    assertThat(fixture.run("peers", "--limit", "1")).isZero();

    assertThat(fixture.out()).isEqualTo("""
        URL                   ADDRESS   STATE  LAG  DUE  LAST FAILURE
        http://b:8761/eureka  10.0.0.2  up     0ms    0  -
        … 1 more, --limit
        """);
  }

  @Test
  void cluster_members_areShownWithTheirStateAndEscaped() {
    fixture.columns(100).on("GET /systole/cluster", """
        {'cluster': 'demo', 'members': [
          {'name': '10.0.0.1:7800', 'url': 'http://10.0.0.1:8761/v2', 'isSelf': true,
           'isComplete': true, 'isDraining': false, 'protocolMax': 2, 'lastBeat': null},
          {'name': '10.0.0.2:7800', 'url': 'http://a\\u001b[2J/v2', 'isSelf': false,
           'isComplete': true, 'isDraining': true, 'protocolMax': 2, 'lastBeat': 'T1'},
          {'name': '10.0.0.3:7800', 'url': null, 'isSelf': false,
           'isComplete': false, 'isDraining': false, 'protocolMax': 1, 'lastBeat': null},
          {'name': '10.0.0.4:7800', 'url': null, 'isSelf': false,
           'isComplete': true, 'isDraining': false, 'protocolMax': 1, 'lastBeat': null}]}
        """);

    assertThat(fixture.run("cluster", "--limit", "3")).isZero();

    assertThat(fixture.out()).isEqualTo("""
        MEMBER         URL                      STATE                 PROTOCOL  LAST BEAT
        10.0.0.1:7800  http://10.0.0.1:8761/v2  complete (this node)  2         -
        10.0.0.2:7800  http://a\\u001b[2J/v2     leaving               2         T1
        10.0.0.3:7800  -                        joining               1         -
        … 1 more, --limit
        """);
  }

  @Test
  void recent_kinds_areMergedNewestFirst() {
    fixture.on("GET /systole/recent?limit=3", """
        {'registered': [{'at': 'T3', 'atMs': 3, 'app': 'A', 'id': 'a-1'},
                        {'at': 'T1', 'atMs': 1, 'app': 'A', 'id': 'a-1'}],
         'cancelled': [{'at': 'T2', 'atMs': 2, 'app': 'A', 'id': 'a-1', 'cause': 'cancel',
                        'by': 'client'}],
         'extended': [],
         'evicted': [{'at': 'T4', 'atMs': 4, 'app': 'B', 'id': 'b-1', 'cause': 'operator',
                      'by': 'operator', 'principal': 'ann', 'because': 'evicted by an operator'}]}
        """);

    assertThat(fixture.run("recent", "--limit", "3")).isZero();

    assertThat(fixture.out()).isEqualTo("""
        TIME  EVENT       APPLICATION  ID   BY            REASON
        T4    evicted     B            b-1  operator ann  evicted by an operator
        T3    registered  A            a-1  -             -
        T2    cancelled   A            a-1  client        cancel
        … more, --limit
        """);
  }
}
