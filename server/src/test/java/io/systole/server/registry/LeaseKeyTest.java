// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaseKeyTest {
  @ParameterizedTest
  @CsvSource({
    "DEMO, i-1",
    "demo, i-1",
    "DeMo-9_z, h1:demo:8080",
    "A, B",
    "a,b",
    "SERVICE-WITH-A-LONG-NAME, host-17.example.com:service-with-a-long-name:8080",
    "a.b, I-AM-CASE-Sensitive"
  })
  void aim_atPathBytes_equalsTheDecodedKey(String app, String id) {
    byte[] path = ("PUT /v2/apps/" + app + "/" + id + "?x").getBytes(StandardCharsets.US_ASCII);
    LookupKey aimed = new LookupKey();

    aimed.aim(path, 13, 13 + app.length(), 14 + app.length() + id.length());

    LookupKey decoded = LookupKey.of(new InstanceKey(app, id));
    assertThat(aimed).isEqualTo(decoded).hasSameHashCodeAs(decoded);
    assertThat(decoded).isEqualTo(aimed);
  }

  @ParameterizedTest
  @CsvSource({
    "DEMO, i-1",
    "demo, i-1",
    "A/b, c/D",
    "service-with-a-long-name, host-17.example.com:service-with-a-long-name:8080",
  })
  void aim_atPartsThatAreNotAdjacent_equalsTheDecodedKey(String app, String id) {
    byte[] bytes = ("id=" + id + "&app=" + app).getBytes(StandardCharsets.US_ASCII);
    int appFrom = bytes.length - app.length();
    LookupKey aimed = new LookupKey();

    aimed.aim(bytes, appFrom, bytes.length, 3, 3 + id.length());

    LookupKey decoded = LookupKey.of(new InstanceKey(app, id));
    assertThat(aimed).isEqualTo(decoded).hasSameHashCodeAs(decoded);
  }

  @Test
  void aim_keysOfEveryLength_differByOneByte() {
    for (int size = 1; size < 120; size++) {
      String id = "i".repeat(size);
      byte[] path = ("A/" + id + "?").getBytes(StandardCharsets.US_ASCII);
      LookupKey aimed = new LookupKey();
      aimed.aim(path, 0, 1, path.length - 1);

      assertThat(aimed)
          .as("id of %d bytes", size)
          .isEqualTo(LookupKey.of(new InstanceKey("A", id)));
      assertThat(aimed).isNotEqualTo(LookupKey.of(new InstanceKey("A", id.substring(1) + "j")));
      assertThat(aimed).isNotEqualTo(LookupKey.of(new InstanceKey("A", id + "i")));
    }
  }

  @Test
  void aim_idOfOtherCase_isAnotherKey() {
    assertThat(LookupKey.of(new InstanceKey("A", "x")))
        .isNotEqualTo(LookupKey.of(new InstanceKey("A", "X")));
  }

  @Test
  void of_slashInAppOrId_isDistinguished() {
    LookupKey slashInApp = LookupKey.of(new InstanceKey("A/B", "C"));
    LookupKey slashInId = LookupKey.of(new InstanceKey("A", "B/C"));

    assertThat(slashInApp).isNotEqualTo(slashInId);
  }

  @Test
  void aim_again_replacesTheKey() {
    LookupKey probe = new LookupKey();
    byte[] longer = "app/a-long-identifier".getBytes(StandardCharsets.US_ASCII);
    byte[] shorter = "app/b".getBytes(StandardCharsets.US_ASCII);
    probe.aim(longer, 0, 3, longer.length);

    probe.aim(shorter, 0, 3, shorter.length);

    assertThat(probe).isEqualTo(LookupKey.of(new InstanceKey("APP", "b")));
  }

  @Test
  void of_manyKeys_hashesSpread() {
    Random random = new Random(1);
    Set<Integer> hashes = new HashSet<>();

    for (int i = 0; i < 100_000; i++) {
      hashes.add(
          LookupKey.of(new InstanceKey("SVC-" + i % 100, "i-" + i + "-" + random.nextInt(10)))
              .hashCode());
    }

    // A fair 32-bit hash of 10^5 keys collides about once.
    assertThat(hashes).hasSizeGreaterThan(99_980);
  }
}
