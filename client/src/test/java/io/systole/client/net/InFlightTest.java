// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.client.beat.Ask;
import io.systole.client.beat.Session;
import io.systole.client.beat.Sessions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InFlightTest {
  private final Session one = Sessions.session("A", "1");
  private final Session two = Sessions.session("A", "2");

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 64, 100})
  void add_filledAndTakenManyTimes_keepsOrderAndNumbers(int max) {
    InFlight inFlight = new InFlight(max);
    int added = 0;
    int taken = 0;

    for (int round = 0; round < 50; round++) {
      while (inFlight.room() > 0) {
        inFlight.add(added % 2 == 0 ? one : two, Ask.BEAT, added, -added);
        added++;
      }
      for (int take = 0; take < 1 + round % max; take++) {
        assertThat(inFlight.session()).isSameAs(taken % 2 == 0 ? one : two);
        assertThat(inFlight.dueNs()).isEqualTo(taken);
        assertThat(inFlight.sentNs()).isEqualTo(-taken);
        inFlight.take();
        taken++;
      }
      assertThat(inFlight.count()).isEqualTo(added - taken);
    }
  }

  @Test
  void ask_differentAsks_comeBackAsTheyWent() {
    InFlight inFlight = new InFlight(2);
    inFlight.add(one, Ask.REGISTER, 0, 0);
    inFlight.add(one, Ask.CANCEL, 0, 0);

    Ask first = inFlight.ask();
    inFlight.take();

    assertThat(first).isEqualTo(Ask.REGISTER);
    assertThat(inFlight.ask()).isEqualTo(Ask.CANCEL);
  }

  @Test
  void add_full_isRefused() {
    InFlight inFlight = new InFlight(3);
    for (int index = 0; index < 3; index++) {
      inFlight.add(one, Ask.BEAT, 0, 0);
    }

    assertThat(inFlight.room()).isZero();
    assertThatThrownBy(() -> inFlight.add(one, Ask.BEAT, 0, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("at most 3");
  }

  @Test
  void take_empty_isRefused() {
    InFlight inFlight = new InFlight(1);

    assertThatThrownBy(inFlight::take).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, (1 << 20) + 1})
  void new_boundOutOfRange_isRefused(int max) {
    assertThatThrownBy(() -> new InFlight(max))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inFlightMax=" + max);
  }
}
