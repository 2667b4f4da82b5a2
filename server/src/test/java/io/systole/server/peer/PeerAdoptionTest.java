// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static io.systole.server.peer.PeerFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.net.BufferLeakExtension;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.registry.Instances;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The instances that a comparison finds to be newer at a peer. */
@ExtendWith(BufferLeakExtension.class)
class PeerAdoptionTest {
  private PeerFixture fixture;

  @BeforeEach
  void open() throws IOException {
    fixture = new PeerFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.stop();
  }

  @Test
  void compare_manyAreNewerAtThePeer_adoptsAll() {
    List<InstanceInfo> newer = new ArrayList<>();
    for (int i = 0; i < 2 * ReplicationQueue.ITEMS_MAX + 1; i++) {
      fixture.register("i-" + i);
      newer.add(newer("i-" + i, 1));
    }
    returnFromPeer(newer);

    fixture.start(fixture.url());

    fixture.awaitStates(LinkState.UP);
    assertThat(fixture.status().counters().adopted()).isEqualTo(newer.size());
    assertThat(newer).allSatisfy(each -> assertThat(dirtyMs(each.id())).isEqualTo(newerMs(1)));
    fixture.register("new");
    eventually().until(() -> fixture.batches().stream().anyMatch(b -> b.body().contains("new")));
  }

  /** Each occurrence was adopted. */
  @Test
  void compare_newerInstanceIsRepeated_adoptsTheLast() {
    fixture.register("i-1");
    returnFromPeer(List.of(newer("i-1", 1), newer("i-1", 2), newer("i-1", 3)));

    fixture.start(fixture.url());

    fixture.awaitStates(LinkState.UP);
    assertThat(fixture.status().counters().adopted()).isEqualTo(1);
    assertThat(dirtyMs("i-1")).isEqualTo(newerMs(3));
  }

  private void returnFromPeer(List<InstanceInfo> instances) {
    Application application = new Application("DEMO", instances);
    byte[] registry = new JsonCodec()
        .encodeApplications(new Applications("1", "UP_1_", List.of(application)), Form.FULL);
    fixture.peer.otherwise = (request, out) -> {
      if (request.isBatch()) {
        FakePeer.accept(request, out);
      } else {
        FakePeer.write(out, 200, "", registry);
      }
    };
  }

  private static InstanceInfo newer(String id, int byMs) {
    return Instances.up("DEMO", id, 90).toBuilder().lastDirtyMs(newerMs(byMs)).build();
  }

  private static long newerMs(int byMs) {
    return Instances.DIRTY_MS + byMs;
  }

  private long dirtyMs(String id) {
    return Objects.requireNonNull(fixture.registry.findStored(new InstanceKey("DEMO", id)))
        .lastDirtyMs();
  }
}
