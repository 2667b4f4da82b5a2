// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelfPreservationTest {
  /** The thresholds observed at the reference server (spec §3.5). */
  @ParameterizedTest
  @CsvSource({"2, 3", "6, 10", "7, 11", "8, 13", "11, 18", "12, 20", "13, 22", "48, 81", "0, 0"})
  void threshold_ofClientsAtStockSettings_isTheOneObserved(int clients, long threshold) {
    assertThat(of(clients, 0).threshold()).isEqualTo(threshold);
  }

  @Test
  void mayEvict_asManyAsTheThreshold_isFalse() {
    assertThat(of(7, 11).mayEvict()).isFalse();
    assertThat(of(7, 12).mayEvict()).isTrue();
    assertThat(of(7, 11).isBelowThreshold()).isTrue();
  }

  @Test
  void mayEvict_thresholdOfZero_isFalse() {
    assertThat(of(0, 100).mayEvict()).isFalse();
    assertThat(of(0, 100).renewalsMissing()).isEmpty();
  }

  @Test
  void mayEvict_disabled_isTrueBelowThreshold() {
    SelfPreservation disabled = SelfPreservation.ofClients(false, 7, 30, 0.85, 0);

    assertThat(disabled.mayEvict()).isTrue();
    assertThat(disabled.isBelowThreshold()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"7, 0", "7, 11", "100, 3", "1000, 1699", "1, 1"})
  void renewalsMissing_whenReceived_resumeEvictions(int clients, long renewals) {
    long missing = of(clients, renewals).renewalsMissing().orElseThrow();

    assertThat(of(clients, renewals + missing).mayEvict()).isTrue();
    assertThat(of(clients, renewals + missing - 1).mayEvict()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"7, 2", "7, 11", "100, 3", "1000, 1699"})
  void releasingShare_whenSet_resumesEvictions(int clients, long renewals) {
    double share = of(clients, renewals).releasingShare().orElseThrow();

    assertThat(SelfPreservation.ofClients(true, clients, 30, share, renewals).mayEvict())
        .isTrue();
  }

  @Test
  void releasingShare_shareTooSmallForAThreshold_isALargerOne() {
    SelfPreservation small = SelfPreservation.ofClients(true, 1, 30, 0.4, 5);

    double share = small.releasingShare().orElseThrow();

    assertThat(small.mayEvict()).isFalse();
    assertThat(small.withShare(share).mayEvict()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"7, 0", "7, 1"})
  void releasingShare_fewerThanTwoRenewals_isEmpty(int clients, long renewals) {
    assertThat(of(clients, renewals).releasingShare()).isEmpty();
  }

  private static SelfPreservation of(int clients, long renewals) {
    return SelfPreservation.ofClients(true, clients, 30, 0.85, renewals);
  }
}
