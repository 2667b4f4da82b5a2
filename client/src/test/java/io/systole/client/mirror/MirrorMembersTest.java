// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static io.systole.client.mirror.MirrorFixture.refresh;
import static io.systole.client.mirror.MirrorFixture.until;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A mirror that learns the members of a native cluster from the server in use. */
@Timeout(60)
class MirrorMembersTest {
  private static final String PATH = "/systole/members";

  private final MirrorFixture fixture = new MirrorFixture();
  private final ModelRegistry registry = new ModelRegistry(true);
  private final FakeApps second;
  private volatile int status = 200;
  private volatile String list = "{\"members\":[]}";

  MirrorMembersTest() throws IOException {
    registry.register("A", "1", "2");
    second = fixture.server(registry);
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  private static String list(FakeApps... members) {
    return Arrays.stream(members)
        .map(member -> "{\"url\":\"" + member.url() + "\"}")
        .collect(Collectors.joining(",", "{\"members\":[", "]}"));
  }

  private boolean respond(FakeApps.Request request, OutputStream out) throws IOException {
    if (request.path().equals(PATH)) {
      FakeApps.send(out, status, list.getBytes(UTF_8));
      return true;
    }
    return registry.response(request, out);
  }

  private RegistryMirror mirror(FakeApps... servers) {
    return fixture.ready(
        fixture.builder(servers).stream(false).memberInterval(Duration.ofMillis(20)));
  }

  private static List<FakeApps.Request> requestsForMembers(FakeApps server) {
    return server.requests().stream()
        .filter(request -> request.path().equals(PATH))
        .toList();
  }

  private static void awaitRequestsForMembers(FakeApps server, int count) {
    int before = requestsForMembers(server).size();
    until(() -> requestsForMembers(server).size() >= before + count);
  }

  private static URI base(FakeApps server) {
    return URI.create(server.url().toString().replaceAll("/$", ""));
  }

  @Test
  void seedFails_learnedMember_takesOver() throws IOException {
    FakeApps seed = fixture.server(this::respond);
    list = list(seed, second);
    RegistryMirror mirror = mirror(seed);
    // The second request follows the first list.
    awaitRequestsForMembers(seed, 2);

    seed.close();
    refresh(mirror);

    assertThat(mirror.state().server()).isEqualTo(base(second));
    assertThat(mirror.isStale()).isFalse();
    until(() -> !requestsForMembers(second).isEmpty());
  }

  @Test
  void credentials_ofTheSeed_areSentToLearnedMembers() throws IOException {
    FakeApps seed = fixture.server(this::respond);
    list = list(second);
    URI withPassword = URI.create(seed.url().toString().replace("//", "//user:secret@"));
    RegistryMirror mirror = fixture.ready(fixture.builder(seed).server(withPassword).stream(false)
        .memberInterval(Duration.ofMillis(20)));
    awaitRequestsForMembers(seed, 2);

    seed.close();
    refresh(mirror);

    assertThat(second.fulls().get(0).header("authorization")).isEqualTo("Basic dXNlcjpzZWNyZXQ=");
    assertThat(requestsForMembers(seed).get(0).header("authorization"))
        .isEqualTo("Basic dXNlcjpzZWNyZXQ=");
  }

  @Test
  void memberVanishes_isNoLongerUsed() throws IOException {
    FakeApps seed = fixture.server(this::respond);
    list = list(second);
    RegistryMirror mirror = mirror(seed);
    awaitRequestsForMembers(seed, 2);
    list = list(seed);
    awaitRequestsForMembers(seed, 2);

    seed.close();
    refresh(mirror);

    assertThat(mirror.state().server()).isEqualTo(base(seed));
    assertThat(second.requests()).isEmpty();
  }

  /** A node that is joining or has left lists nobody. */
  @Test
  void noMember_keepsLearnedMembers() throws IOException {
    FakeApps seed = fixture.server(this::respond);
    list = list(seed, second);
    RegistryMirror mirror = mirror(seed);
    awaitRequestsForMembers(seed, 2);
    assertThat(mirror.state().servers()).containsExactly(base(seed), base(second));

    list = list();

    awaitRequestsForMembers(seed, 2);
    assertThat(mirror.state().servers()).containsExactly(base(seed), base(second));
  }

  @Test
  void invalidList_keepsTheMirrorAndItsServers() throws IOException {
    FakeApps seed = fixture.server(this::respond);
    list = "{\"members\":7}";
    RegistryMirror mirror = mirror(seed);
    awaitRequestsForMembers(seed, 2);

    registry.register("A", "3");
    refresh(mirror);

    assertThat(mirror.size()).isEqualTo(3);
    assertThat(mirror.state().failureCount()).isZero();
  }

  @Test
  void unavailable_isRequestedAgain() throws IOException {
    FakeApps seed = fixture.server(this::respond);
    status = 503;
    RegistryMirror mirror = mirror(seed);
    awaitRequestsForMembers(seed, 2);
    status = 200;
    list = list(second);
    awaitRequestsForMembers(seed, 2);

    seed.close();
    refresh(mirror);

    assertThat(mirror.state().server()).isEqualTo(base(second));
  }

  @Test
  void stockServer_isNotRequested() throws IOException {
    ModelRegistry stock = new ModelRegistry(false);
    stock.register("A", "1");
    FakeApps server = fixture.server(stock);
    RegistryMirror mirror = mirror(server);

    refresh(mirror);
    refresh(mirror);

    assertThat(mirror.state().deltaCount()).isEqualTo(2);
    assertThat(requestsForMembers(server)).isEmpty();
  }

  @Test
  void memberInterval_zero_requestsNothing() throws IOException {
    FakeApps seed = fixture.server(this::respond);
    RegistryMirror mirror = fixture.ready(fixture.builder(seed).stream(false));

    refresh(mirror);

    assertThat(seed.requests()).hasSize(2);
  }
}
