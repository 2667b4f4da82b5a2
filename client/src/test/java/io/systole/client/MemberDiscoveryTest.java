// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.api.ServerState;
import io.systole.client.api.TlsFiles;
import io.systole.client.heartbeat.Sessions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that learns the members of a native cluster from the server in use. */
class MemberDiscoveryTest {
  private static final int INTERVAL_MS = 20;
  private static final Duration SOON = Duration.ofSeconds(30);

  private final FakeRegistry seed;
  private final FakeRegistry second;
  private final FakeRegistry third;
  private HeartbeatClient client;

  MemberDiscoveryTest() throws IOException {
    seed = new FakeRegistry();
    second = new FakeRegistry();
    third = new FakeRegistry();
    client = options().build();
  }

  private ClientBuilder options() {
    return options(seed.url());
  }

  private static ClientBuilder options(URI server) {
    return new ClientBuilder()
        .server(server)
        .connections(2)
        .interval(Duration.ofMillis(INTERVAL_MS))
        .memberInterval(Duration.ofMillis(INTERVAL_MS))
        .responseTimeout(Duration.ofSeconds(30))
        .reconnectDelay(Duration.ofMillis(1), Duration.ofMillis(20))
        .returnDelay(Duration.ZERO)
        .cancelOnClose(false);
  }

  private void restart(ClientBuilder options) {
    client.close();
    client = options.build();
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    seed.close();
    second.close();
    third.close();
  }

  private void register() {
    assertThat(client.register(Sessions.source("A", "i")).whenRegistered()).succeedsWithin(SOON);
  }

  private List<URI> servers() {
    return client.state().join().servers().stream().map(ServerState::url).toList();
  }

  private void awaitServers(FakeRegistry... registries) {
    List<URI> urls = List.of(registries).stream().map(FakeRegistry::url).toList();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(servers()).startsWith(seed.url()).containsExactlyInAnyOrderElementsOf(urls));
  }

  private static void awaitBeats(FakeRegistry registry, int count) {
    int before = registry.beats().size();
    await().atMost(SOON).until(() -> registry.beats().size() >= before + count);
  }

  private static void awaitMemberRequests(FakeRegistry registry, int count) {
    int before = registry.memberRequests().size();
    await().atMost(SOON).until(() -> registry.memberRequests().size() >= before + count);
  }

  @Test
  void lost_onlySeed_failsOverToLearnedMember() throws IOException {
    seed.members(seed, second);
    register();
    awaitServers(seed, second);

    seed.stop();

    awaitBeats(second, 20);
    assertThat(client.state().join().alive()).isEqualTo(1);
    assertThat(client.state().join().servers())
        .filteredOn(server -> server.url().equals(second.url()))
        .singleElement()
        .satisfies(server -> assertThat(server.zone()).isEqualTo("members"));
  }

  @Test
  void lost_learnedMemberInUse_failsOverToThoseThatItListed() throws IOException {
    seed.members(seed, second);
    second.members(seed, second, third);
    register();
    awaitServers(seed, second);
    seed.stop();
    awaitServers(seed, second, third);

    second.stop();

    awaitBeats(third, 20);
  }

  @Test
  void lost_learnedMemberInUse_returnsToSeed() throws IOException {
    restart(options().returnDelay(Duration.ofMillis(1)));
    seed.members(seed, second);
    second.members(seed, second);
    register();
    awaitServers(seed, second);
    seed.stop();
    awaitBeats(second, 20);

    seed.reopen();

    awaitBeats(seed, 20);
  }

  @Test
  void list_memberVanishes_isDroppedAndTheSeedIsKept() {
    seed.members(seed, second, third);
    awaitServers(seed, second, third);

    seed.members(third);
    awaitServers(seed, third);

    seed.members(seed);
    awaitServers(seed);
  }

  /** A node that is joining or has left lists nobody. */
  @Test
  void list_noMember_keepsLearnedMembers() {
    seed.members(seed, second);
    awaitServers(seed, second);

    seed.members(FakeRegistry.ok("{\"members\":[]}"));

    awaitMemberRequests(seed, 3);
    awaitServers(seed, second);
  }

  @Test
  void list_otherResponses_keepLearnedMembersAndHeartbeats() {
    seed.members(seed, second);
    register();
    awaitServers(seed, second);

    seed.members(FakeRegistry.BUSY);

    awaitMemberRequests(seed, 3);
    awaitServers(seed, second);
    awaitBeats(seed, 20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        FakeRegistry.NOT_FOUND,
        FakeRegistry.OK,
        "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"
      })
  void notOffered_anyResponse_isRequestedAgainAfterTwentyIntervals(String response) {
    third.members(response);

    restart(options(third.url()));

    await().atMost(SOON).until(() -> third.memberRequests().size() == 2);
    List<Long> arrivedNs = third.memberRequestsNs();
    assertThat(TimeUnit.NANOSECONDS.toMillis(arrivedNs.get(1) - arrivedNs.get(0)))
        .isGreaterThanOrEqualTo(20 * INTERVAL_MS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        FakeRegistry.SILENCE,
        FakeRegistry.BUSY,
        "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n{",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{" + FakeRegistry.END,
        "no HTTP\r\n\r\n"
      })
  void noList_failure_isRequestedAgainAndHeartbeatsContinue(String response) {
    seed.members(response);
    restart(options()
        .connectTimeout(Duration.ofSeconds(1))
        .responseTimeout(Duration.ofMillis(200))
        .overdueMax(1_000));
    register();
    awaitMemberRequests(seed, 2);

    seed.members(seed, second);

    awaitServers(seed, second);
    awaitBeats(seed, 20);
  }

  @Test
  void list_endedByClose_isAccepted() {
    seed.members("HTTP/1.0 200 OK\r\n\r\n{\"members\":[{\"url\":\"" + second.url() + "\"}]}"
        + FakeRegistry.END);

    awaitServers(seed, second);
  }

  @Test
  void list_chunked_isAccepted() {
    String list = "{\"members\":[{\"url\":\"" + second.url() + "\"}]}";
    seed.members("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + Integer.toHexString(list.length()) + "\r\n" + list + "\r\n0\r\n\r\n");

    awaitServers(seed, second);
  }

  @Test
  void memberInterval_zero_requestsNothing() {
    restart(options().memberInterval(Duration.ZERO));
    int before = seed.memberRequests().size();
    register();

    awaitBeats(seed, 50);

    assertThat(seed.memberRequests()).hasSize(before);
  }

  @Test
  void credentials_seedOfSameScheme_areSentToLearnedMembers() throws IOException {
    String withPassword = seed.url().toString().replace("//", "//user:secret@");
    restart(options(URI.create(withPassword)).header("X-More", "1"));
    seed.members(second);
    second.members(second);
    register();
    awaitServers(seed, second);

    seed.stop();

    awaitBeats(second, 5);
    awaitMemberRequests(second, 1);
    assertThat(second.beats().get(0).authorization()).isEqualTo("Basic dXNlcjpzZWNyZXQ=");
    assertThat(second.memberRequests().get(0).authorization()).isEqualTo("Basic dXNlcjpzZWNyZXQ=");
  }

  @Test
  void tls_trustedMember_isUsed(@TempDir Path directory) throws Exception {
    var here = new Certificate(directory, "here", "ip:127.0.0.1");
    try (var secureSeed = new FakeRegistry(here.serverContext());
        var secureSecond = new FakeRegistry(here.serverContext())) {
      restart(options(secureSeed.url()).tls(TlsFiles.trusting(here.certificateFile())));
      secureSeed.members(second, secureSecond);
      register();
      await().atMost(SOON).until(() -> servers().contains(secureSecond.url()));

      secureSeed.stop();

      awaitBeats(secureSecond, 20);
      assertThat(servers()).doesNotContain(second.url());
      assertThat(second.requests()).isEmpty();
    }
  }

  @Test
  void close_requestInFlight_closesItsConnection() {
    seed.members(FakeRegistry.SILENCE);
    restart(options());
    awaitMemberRequests(seed, 1);

    client.close();

    await().atMost(SOON).until(() -> seed.connectionCount() == 0);
  }
}
