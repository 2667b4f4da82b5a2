// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.Sessions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InFlightQueueTest {
  private final Session one = Sessions.session("A", "1");
  private final Session two = Sessions.session("A", "2");

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 64, 100})
  void add_manyTimesAround_keepsOrder(int max) {
    InFlightQueue inFlight = new InFlightQueue(max);
    int added = 0;
    int taken = 0;

    for (int round = 0; round < 50; round++) {
      while (inFlight.space() > 0) {
        inFlight.add(added % 2 == 0 ? one : two, RequestType.BEAT, added, -added);
        added++;
      }
      for (int take = 0; take < 1 + round % max; take++) {
        assertThat(inFlight.session()).isSameAs(taken % 2 == 0 ? one : two);
        assertThat(inFlight.dueNs()).isEqualTo(taken);
        assertThat(inFlight.sentNs()).isEqualTo(-taken);
        inFlight.remove();
        taken++;
      }
      assertThat(inFlight.count()).isEqualTo(added - taken);
    }
  }

  @Test
  void type_differentTypes_areReturnedInOrder() {
    InFlightQueue inFlight = new InFlightQueue(2);
    inFlight.add(one, RequestType.REGISTER, 0, 0);
    inFlight.add(one, RequestType.CANCEL, 0, 0);

    RequestType first = inFlight.type();
    inFlight.remove();

    assertThat(first).isEqualTo(RequestType.REGISTER);
    assertThat(inFlight.type()).isEqualTo(RequestType.CANCEL);
  }

  @Test
  void add_full_throws() {
    InFlightQueue inFlight = new InFlightQueue(3);
    for (int index = 0; index < 3; index++) {
      inFlight.add(one, RequestType.BEAT, 0, 0);
    }

    assertThat(inFlight.space()).isZero();
    assertThatThrownBy(() -> inFlight.add(one, RequestType.BEAT, 0, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inFlightMax=3");
  }

  @Test
  void remove_empty_throws() {
    InFlightQueue inFlight = new InFlightQueue(1);

    assertThatThrownBy(inFlight::remove).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, (1 << 20) + 1})
  void new_boundOutOfRange_throws(int max) {
    assertThatThrownBy(() -> new InFlightQueue(max))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inFlightMax=" + max);
  }
}
