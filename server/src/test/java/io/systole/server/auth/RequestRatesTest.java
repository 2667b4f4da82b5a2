// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.metrics.RequestClass;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestRatesTest {
  private static final int RATE = 10;

  private final RequestRates rates = new RequestRates();

  private boolean admitsAt(long nowMs) {
    return rates.admits(RequestClass.DELTA, RATE, TimeUnit.MILLISECONDS.toNanos(nowMs));
  }

  private long admittedAt(long nowMs, int requests) {
    return IntStream.range(0, requests).filter(i -> admitsAt(nowMs)).count();
  }

  @Test
  void admits_unusedRate_servesTheRequestsOfASecondAtOnce() {
    assertThat(admittedAt(5_000, 100)).isEqualTo(RATE);
  }

  @Test
  void admits_rateUsedUp_servesOneRequestAnInterval() {
    admittedAt(0, RATE);

    assertThat(admitsAt(99)).isFalse();
    assertThat(admittedAt(100, 5)).isEqualTo(1);
    assertThat(admittedAt(1_000, 100)).isEqualTo(9);
  }

  @Test
  void admits_refusedRequests_doNotCount() {
    admittedAt(0, 1_000);

    assertThat(admittedAt(1_000, 100)).isEqualTo(RATE);
  }

  @Test
  void admits_otherClass_hasARateOfItsOwn() {
    admittedAt(0, 100);

    assertThat(rates.admits(RequestClass.REGISTRATION, RATE, 0)).isTrue();
  }

  @Test
  void admits_lowestAndHighestRate_areObserved() {
    RequestRates highest = new RequestRates();

    assertThat(rates.admits(RequestClass.FULL_FETCH, 1, 0)).isTrue();
    assertThat(rates.admits(RequestClass.FULL_FETCH, 1, 999_999_999)).isFalse();
    assertThat(rates.admits(RequestClass.FULL_FETCH, 1, 1_000_000_000)).isTrue();
    assertThat(IntStream.range(0, 1_000_100)
            .filter(i -> highest.admits(RequestClass.FULL_FETCH, 1_000_000, 0))
            .count())
        .isEqualTo(1_000_000);
  }

  @Test
  void mayLog_withinAMinute_isTrueOnce() {
    assertThat(rates.mayLog(7)).isTrue();
    assertThat(rates.mayLog(TimeUnit.SECONDS.toNanos(60))).isFalse();
    assertThat(rates.mayLog(TimeUnit.SECONDS.toNanos(61))).isTrue();
  }
}
