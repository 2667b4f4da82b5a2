// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.RenewalDelays.RenewalDelaySummary;
import io.systole.server.metrics.DurationHistogram;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RenewalDelaysTest {
  private static final int APPS_MAX = 2;

  private final RenewalDelays renewalDelays = new RenewalDelays(APPS_MAX, 0);

  @Test
  void renewed_lateAndEarly_isReportedByApplicationAndOverall() {
    renewed("A", 31_000);
    renewed("A", 29_000);
    renewed("B", 40_000);

    assertThat(renewalDelays.ofApp("A").maxMs()).isBetween(1_000L, 1_010L);
    assertThat(renewalDelays.ofApp("A").medianMs()).isZero();
    assertThat(renewalDelays.overall().count()).isEqualTo(3);
    assertThat(renewalDelays.overall().maxMs()).isBetween(10_000L, 10_100L);
  }

  @Test
  void renewed_laterThanAnHour_countsAsAnHour() {
    renewed("A", TimeUnit.DAYS.toMillis(9));

    assertThat(renewalDelays.overall().maxMs()).isBetween(3_590_000L, 3_650_000L);
  }

  /** Counters must not decrease. */
  @Test
  void histogram_afterRotations_hasAllDelays() {
    long nowNs = TimeUnit.MILLISECONDS.toNanos(RenewalDelays.HALF_MS);
    renewed("A", 29_000);
    renewed("A", 31_000);
    renewalDelays.rotate(nowNs);
    renewalDelays.rotate(2 * nowNs);
    renewed("A", 430_000);

    DurationHistogram histogram = renewalDelays.histogram();

    long[] boundsNs = histogram.boundsNs();
    int second = Arrays.binarySearch(boundsNs, TimeUnit.SECONDS.toNanos(1));
    assertThat(histogram.count(0)).isEqualTo(1);
    assertThat(histogram.count(second)).isEqualTo(1);
    assertThat(histogram.count(boundsNs.length)).isEqualTo(1);
    assertThat(histogram.sumNs()).isEqualTo(TimeUnit.SECONDS.toNanos(401));
  }

  @Test
  void renewed_moreApplicationsThanFit_areReportedTogether() {
    renewed("A", 30_000);
    renewed("B", 30_000);
    renewed("C", 33_000);
    renewed("D", 34_000);

    assertThat(renewalDelays.byApp())
        .extracting(RenewalDelaySummary::app)
        .containsExactly("A", "B", RenewalDelays.OTHERS);
    assertThat(renewalDelays.ofApp("C").count()).isEqualTo(2);
  }

  @Test
  void rotate_twice_dropsSamplesAndApplications() {
    renewed("A", 31_000);
    renewed("B", 31_000);
    long nowNs = TimeUnit.MILLISECONDS.toNanos(RenewalDelays.HALF_MS);

    renewalDelays.rotate(nowNs);
    assertThat(renewalDelays.ofApp("A").count()).isEqualTo(1);

    renewalDelays.rotate(2 * nowNs);
    assertThat(renewalDelays.overall().count()).isZero();
    renewed("C", 31_000);
    assertThat(renewalDelays.ofApp("C").app()).isEqualTo("C");
  }

  /** End to end: all renewals but the first are five seconds late. */
  @Test
  void tick_ofAnEvictor_collectsTheDelays() {
    Fleets fleets = new Fleets(EvictionRules.STOCK).with("A", 1_000);
    for (int beat = 0; beat < 8; beat++) {
      fleets.clock.advanceMs(35_000);
      fleets.renewAll();
      fleets.evictor.tick();
    }

    RenewalDelaySummary reported = fleets.evictor.renewalDelays().ofApp("A");

    // One in 64 of 8000, less those that shared a cell.
    assertThat(reported.count()).isBetween(60L, 130L);
    assertThat(reported.medianMs()).isBetween(4_950L, 5_050L);
    assertThat(fleets.registry.expiry().deadline(new InstanceKey("A", "A-0"))).isNotNull();
  }

  private void renewed(String app, long gapMs) {
    renewalDelays.onRenewal(app, 30, TimeUnit.MILLISECONDS.toNanos(gapMs));
  }
}
