// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LeaseTableTest {
  private static final InstanceInfo DOCUMENT =
      InstanceInfo.builder().instanceId("i-1").app("DEMO").build();
  private static final LookupKey KEY = LookupKey.of(DOCUMENT.key());

  private final LeaseTable table = new LeaseTable(2, 0, 0);

  @Test
  void remove_keyTakenByANewerLease_keepsTheNewerOne() {
    Lease older = inserted();
    table.remove(older);
    Lease newer = inserted();

    table.remove(older); // as by an evictor after a concurrent registration

    assertThat(table.find(KEY)).isSameAs(newer);
    assertThat(leases()).containsExactly(newer);
  }

  @Test
  void remove_twice_givesTheSlotBackOnce() {
    Lease older = inserted();
    table.remove(older);
    table.remove(older);

    Lease newer = inserted();
    LookupKey another =
        LookupKey.of(DOCUMENT.toBuilder().instanceId("i-2").build().key());
    Lease second = table.insert(slot -> lease(another, slot));

    assertThat(second).isNotNull();
    assertThat(leases()).extracting(lease -> lease.slot).doesNotHaveDuplicates();
    assertThat(leases()).contains(newer);
  }

  private Lease inserted() {
    return requireNonNull(table.insert(slot -> lease(KEY, slot)));
  }

  private List<Lease> leases() {
    List<Lease> leases = new ArrayList<>();
    table.forEach(leases::add);
    return leases;
  }

  private static Lease lease(LookupKey key, int slot) {
    return new Lease(key, slot, new LeaseHolder(DOCUMENT, null, 0), false);
  }
}
