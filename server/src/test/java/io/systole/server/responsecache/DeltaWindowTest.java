// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.registry.Change;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.time.ManualClock;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DeltaWindowTest {
  private static final int ID_PAIRS = 16;
  private static final long RETENTION_MS = 1_000;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(1 << ID_PAIRS, true, RETENTION_MS, 1 << 20), clock);

  /** 65,536 ids of equal hash code were searched one by one, and the list stood for minutes. */
  @Test
  @Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void apply_idsOfEqualHashCode_takesNoLongerThanForOthers() {
    Change before = registry.changes().oldest();
    for (int i = 0; i < 1 << ID_PAIRS; i++) {
      registry.register(Instances.up("APP", colliding(i), 90), Origin.CLIENT);
    }
    DeltaWindow window =
        new DeltaWindow(before, RETENTION_MS, 1 << 20, () -> Long.MAX_VALUE, () -> 0);

    for (Change next = before.next(); next != null; next = next.next()) {
      window.apply(next);
    }
    assertThat(window.oldest()).isNotNull();
    window.expire(clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(2 * RETENTION_MS));

    assertThat(window.oldest()).isNull();
  }

  /** Returns the text whose pairs are "Aa" or "BB", which have the same hash code. */
  private static String colliding(int bits) {
    StringBuilder id = new StringBuilder(2 * ID_PAIRS);
    for (int i = 0; i < ID_PAIRS; i++) {
      id.append((bits >> i & 1) == 0 ? "Aa" : "BB");
    }
    assertThat(id.toString()).hasSameHashCodeAs("Aa".repeat(ID_PAIRS));
    return id.toString();
  }
}
