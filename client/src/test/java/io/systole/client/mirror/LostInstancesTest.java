// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static io.systole.client.mirror.MirrorFixture.assertHolds;
import static io.systole.client.mirror.MirrorFixture.refresh;
import static io.systole.client.mirror.ModelRegistry.instance;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.io.IOException;
import java.util.Collection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Registries that restart empty, or with fewer instances than before. */
@Timeout(60)
class LostInstancesTest {
  private final MirrorFixture fixture = new MirrorFixture();
  private final ModelRegistry registry = new ModelRegistry(false);

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  private Collection<InstanceInfo> ten() {
    registry.register("A", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    return registry.instances();
  }

  @Test
  void restartedEmpty_keepsSnapshotForDelay() throws IOException {
    Collection<InstanceInfo> before = ten();
    RegistryMirror mirror = fixture.ready(fixture.builder(fixture.server(registry)));
    registry.restartEmpty();

    refresh(mirror);
    fixture.clock.passMs(179_999);
    refresh(mirror);

    assertHolds(mirror.snapshot(), before);
    assertThat(mirror.state().isDoubted()).isTrue();
    assertThat(mirror.state().doubtCount()).isEqualTo(2);
    assertThat(mirror.isStale()).isTrue();
    fixture.clock.passMs(1);
    refresh(mirror);
    assertThat(mirror.size()).isZero();
    assertThat(mirror.state().isDoubted()).isFalse();
    assertThat(mirror.isStale()).isFalse();
  }

  @Test
  void restartedEmpty_refilled_losesAtMostShare() throws IOException {
    Collection<InstanceInfo> before = ten();
    RegistryMirror mirror =
        fixture.ready(fixture.builder(fixture.server(registry)).lossCountMax(0));
    registry.restartEmpty();
    refresh(mirror);

    for (InstanceInfo instance : before) {
      registry.register(instance.toBuilder().status(InstanceStatus.DOWN).build());
      refresh(mirror);

      assertThat(mirror.size()).isBetween(9, 10);
      assertThat(mirror.instances("A", i -> i.status() == InstanceStatus.DOWN))
          .hasSameSizeAs(registry.instances());
    }

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(mirror.state().isDoubted()).isFalse();
  }

  @Test
  void massLoss_atOneServer_triesNext() throws IOException {
    ten();
    ModelRegistry other = new ModelRegistry(false);
    registry.instances().forEach(other::register);
    other.register(instance("B", "new"));
    FakeApps first = fixture.server(registry);
    RegistryMirror mirror = fixture.ready(fixture.builder(first, fixture.server(other)));
    registry.restartEmpty();

    refresh(mirror);

    assertHolds(mirror.snapshot(), other.instances());
    assertThat(mirror.state().isDoubted()).isFalse();
    refresh(mirror);
    assertThat(first.fulls()).hasSize(2);
  }

  @Test
  void full_lacksFew_isAccepted() throws IOException {
    ten();
    RegistryMirror mirror = fixture.ready(fixture.builder(fixture.server(registry)));
    registry.cancel("A", "3");
    registry.discardChanges();

    refresh(mirror);

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(mirror.state().doubtCount()).isZero();
  }

  /** One of five exceeds the share; a cancelled instance must not remain for three minutes. */
  @Test
  void full_lacksOneOfFive_isAccepted() throws IOException {
    registry.register("A", "0", "1", "2", "3", "4");
    RegistryMirror mirror = fixture.ready(fixture.builder(fixture.server(registry)));
    registry.cancel("A", "3");
    registry.discardChanges();

    refresh(mirror);

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(mirror.state().doubtCount()).isZero();
  }

  @Test
  void full_lacksAllOfFive_isNotAccepted() throws IOException {
    registry.register("A", "0", "1", "2", "3", "4");
    RegistryMirror mirror = fixture.ready(fixture.builder(fixture.server(registry)));
    registry.restartEmpty();

    refresh(mirror);

    assertThat(mirror.size()).isEqualTo(5);
    assertThat(mirror.state().isDoubted()).isTrue();
  }

  @Test
  void full_lacksAll_isAcceptedIfConfigured() throws IOException {
    ten();
    RegistryMirror mirror =
        fixture.ready(fixture.builder(fixture.server(registry)).lossShareMax(1));
    registry.restartEmpty();

    refresh(mirror);

    assertThat(mirror.size()).isZero();
  }

  @Test
  void delta_removesAll_isAccepted() throws IOException {
    ten();
    RegistryMirror mirror = fixture.ready(fixture.builder(fixture.server(registry)));
    for (InstanceInfo instance : registry.instances()) {
      registry.cancel("A", instance.id());
    }

    refresh(mirror);

    assertThat(mirror.size()).isZero();
    assertThat(mirror.state().doubtCount()).isZero();
  }
}
