// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.api.InstanceSupplier;
import io.systole.client.api.RegistrationEvent;
import io.systole.client.heartbeat.CallbackFailures;
import io.systole.client.heartbeat.GuardedListener;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.Sessions;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionSetTest {
  @Test
  void reportAll_failedOver_reachesEachListenerOnce() {
    List<String> received = new ArrayList<>();
    CallbackFailures failures = new CallbackFailures();
    GuardedListener all = new GuardedListener(event -> received.add("all " + event), failures);
    SessionSet sessions = new SessionSet(all);
    for (int index = 0; index < 3; index++) {
      String id = "i" + index;
      InstanceSupplier source = Sessions.source("A", id);
      GuardedListener own = index == 1
          ? null
          : new GuardedListener(event -> received.add(id + " " + event), failures);
      sessions.add(Session.of(source, source.instance(0), own, all));
    }
    RegistrationEvent event =
        new RegistrationEvent.FailedOver(URI.create("http://a"), URI.create("http://b"), "lost");

    sessions.reportAll(event);

    assertThat(received).containsExactly("i0 " + event, "i2 " + event, "all " + event);
  }
}
