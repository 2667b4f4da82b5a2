// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocument;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.route.Reply;
import io.systole.server.time.ManualClock;
import io.systole.server.view.ViewKey.Extent;
import io.systole.server.view.Views;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Spec §1.3, and §8 rows 72 and 73. */
class VipEndpointTest {
  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(10, true, 180_000, 100), clock);
  private final Views views = new Views(registry, clock);
  private final Documents documents = new Documents(views);
  private final VipEndpoint vips = new VipEndpoint(documents, Extent.VIP);
  private final VipEndpoint secureVips = new VipEndpoint(documents, Extent.SECURE_VIP);

  @AfterEach
  void end() {
    views.close();
  }

  @BeforeEach
  void register() {
    register("A", "a-1", "va,vb", InstanceStatus.UP);
    register("B", "b-1", "vb", InstanceStatus.DOWN);
    register("C", "c-1", null, InstanceStatus.UP);
  }

  @ParameterizedTest
  @CsvSource({
    "va, UP_1_, 1",
    "vb, DOWN_1_UP_1_, 2",
    "VB, '', 0",
    "'va,vb', '', 0",
    "' vb', '', 0",
    "nope, '', 0"
  })
  void handle_vip_isOneElementToTheLetter(String vip, String hashCode, int instances)
      throws MalformedDocument {
    Applications found = applications(vips, vip);

    assertThat(found.version()).isEqualTo("-1");
    assertThat(found.appsHashCode()).isEqualTo(hashCode);
    assertThat(found.applications()).hasSize(instances);
  }

  @Test
  void handle_secureVip_looksAtTheSecureNames() throws MalformedDocument {
    assertThat(applications(secureVips, "s-va,vb").applications()).isEmpty();
    assertThat(applications(secureVips, "s-va").applications()).hasSize(1);
    assertThat(applications(vips, "s-va").applications()).isEmpty();
  }

  @Test
  void handle_compact_isInCompactForm() {
    Reply reply = vips.handle(Requests.get(
        Map.of("vip", "va"), "Accept", "application/json", "X-Eureka-Accept", "COMPACT"));

    assertThat(Requests.body(reply))
        .contains("\"registeredApplicationsEmpty\":false")
        .doesNotContain("leaseInfo");
  }

  private static Applications applications(VipEndpoint endpoint, String vip)
      throws MalformedDocument {
    Reply reply = endpoint.handle(Requests.get(Map.of("vip", vip), "Accept", "application/json"));
    assertThat(reply.status()).isEqualTo(200);
    return new JsonCodec().decodeApplications(reply.bytes(), 0, reply.bytes().length, 0);
  }

  private void register(String app, String id, @Nullable String vip, InstanceStatus status) {
    InstanceInfo instance = Instances.up(app, id, 90).toBuilder()
        .status(status)
        .vipAddress(vip)
        .secureVipAddress(vip == null ? null : "s-" + vip)
        .build();
    registry.register(instance, Origin.CLIENT);
  }
}
