// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.systole.server.peer.PeerCounters;
import io.systole.server.peer.PeerStatus;
import io.systole.server.peer.PeerStatus.LinkState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PeerMetricsTest {
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final PeerMetrics metrics = new PeerMetrics(meters);

  private static Supplier<PeerStatus> link(String host, LinkState state) {
    PeerStatus status = new PeerStatus(
        URI.create("http://" + host + ":8761/eureka"),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 8761),
        state,
        null,
        0,
        0,
        0,
        -1,
        null,
        new PeerCounters());
    return () -> status;
  }

  private double up(String host) {
    return meters
        .get("systole.peer.up")
        .tags("url", "http://" + host + ":8761/eureka")
        .gauge()
        .value();
  }

  /** Gauges were NaN after a collection, as they referred to their link weakly. */
  @Test
  void update_afterAGarbageCollection_gaugesHaveTheirValues() {
    metrics.update(List.of(link("one", LinkState.UP)));

    System.gc();

    assertThat(up("one")).isEqualTo(1);
    assertThat(meters.get("systole.peer.differences").gauge().value()).isEqualTo(-1);
  }

  /** The duplicate hid the link that replicates. */
  @Test
  void update_twoLinksToOneAddress_publishesBoth() {
    metrics.update(List.of(link("one", LinkState.UP), link("two", LinkState.DUPLICATE)));

    assertThat(up("one")).isEqualTo(1);
    assertThat(up("two")).isNaN();
  }

  /** An alert is raised for 0. */
  @Test
  void update_linkStandsBy_isNeitherUpNorDown() {
    metrics.update(List.of(link("one", LinkState.STANDBY)));

    assertThat(up("one")).isNaN();
  }

  /** The meters of the former link stayed. */
  @Test
  void update_linkIsReplacedByOneToTheSameAddress_publishesTheNewOne() {
    metrics.update(List.of(link("one", LinkState.CLOSED)));

    metrics.update(List.of(link("one", LinkState.UP)));

    assertThat(up("one")).isEqualTo(1);
  }

  @Test
  void update_linkIsGone_removesItsMeters() {
    metrics.update(List.of(link("one", LinkState.UP), link("two", LinkState.UP)));

    metrics.update(List.of(link("two", LinkState.UP)));

    Set<String> urls = meters.getMeters().stream()
        .map(Meter::getId)
        .map(id -> String.valueOf(id.getTag("url")))
        .collect(Collectors.toSet());
    assertThat(urls).containsExactly("http://two:8761/eureka");
  }
}
