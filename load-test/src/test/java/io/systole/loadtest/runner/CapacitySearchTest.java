// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.loadtest.runner.CapacitySearch.Outcome;
import io.systole.loadtest.runner.CapacitySearch.Stage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CapacitySearchTest {
  private static final int TRIALS_MAX = 200;

  private final List<Double> tried = new ArrayList<>();

  private void search(CapacitySearch search, DoubleFunction<Outcome> oracle) {
    while (search.stage() != Stage.OVER) {
      assertThat(tried).hasSizeLessThan(TRIALS_MAX);
      tried.add(search.rate());
      search.report(oracle.apply(search.rate()));
    }
  }

  private static Outcome upTo(double limit, double rate) {
    return rate <= limit ? Outcome.HELD : Outcome.FAILED;
  }

  @ParameterizedTest
  @ValueSource(doubles = {1_000, 1_001, 1_999, 2_000, 7_654, 123_456, 999_999})
  void search_targetWithALimit_bracketsItToThePrecision(double limit) {
    CapacitySearch search = new CapacitySearch(1_000, 1_000_000, 0.05, 3);

    search(search, rate -> upTo(limit, rate));

    double held = search.held().orElseThrow();
    double failed = search.failed().orElseThrow();
    assertThat(held).isLessThanOrEqualTo(limit).isGreaterThan(limit / 1.05 - 1);
    assertThat(failed).isGreaterThan(limit).isLessThanOrEqualTo(held * 1.05);
    assertThat(search.isConfirmed()).isTrue();
    assertThat(search.ownLimit()).isEmpty();
    assertThat(tried.subList(tried.size() - 3, tried.size())).containsOnly(held);
  }

  @Test
  void search_targetThatNeverFails_endsAtTheHighestRateConfirmed() {
    CapacitySearch search = new CapacitySearch(1_000, 5_000, 0.05, 2);

    search(search, rate -> Outcome.HELD);

    assertThat(tried).containsExactly(1_000.0, 2_000.0, 4_000.0, 5_000.0, 5_000.0, 5_000.0);
    assertThat(search.held()).hasValue(5_000);
    assertThat(search.failed()).isEmpty();
    assertThat(search.isConfirmed()).isTrue();
  }

  @Test
  void search_targetThatAlwaysFails_endsAfterTheFirstRateTriedTwice() {
    CapacitySearch search = new CapacitySearch(1_000, 5_000, 0.05, 2);

    search(search, rate -> Outcome.FAILED);

    assertThat(tried).containsExactly(1_000.0, 1_000.0);
    assertThat(search.held()).isEmpty();
    assertThat(search.failed()).hasValue(1_000);
    assertThat(search.isConfirmed()).isFalse();
  }

  @Test
  void search_limitedByGenerator_narrowsToTheLimit() {
    CapacitySearch search = new CapacitySearch(1_000, 1_000_000, 0.25, 2);

    search(search, rate -> rate <= 5_000 ? Outcome.HELD : Outcome.GENERATOR_LIMITED);

    assertThat(tried)
        .containsExactly(
            1_000.0, 2_000.0, 4_000.0, 8_000.0, 8_000.0, 6_000.0, 6_000.0, 5_000.0, 5_000.0,
            5_000.0);
    assertThat(search.held()).hasValue(5_000);
    assertThat(search.failed()).isEmpty();
    assertThat(search.inconclusive()).hasValue(6_000);
    assertThat(search.ownLimit()).hasValue(Outcome.GENERATOR_LIMITED);
  }

  @ParameterizedTest
  @CsvSource({
    "FAILED,GENERATOR_LIMITED",
    "GENERATOR_LIMITED,FAILED",
    "WINDOW_LIMITED,FAILED",
    "FAILED,FAILED"
  })
  void search_targetFailedEitherTrial_isAttributedToTarget(Outcome first, Outcome second) {
    CapacitySearch search = new CapacitySearch(1_000, 1_000_000, 0.05, 3);

    search(search, rate -> {
      boolean isFirst = Collections.frequency(tried, rate) == 1;
      return rate <= 5_000 ? Outcome.HELD : isFirst ? first : second;
    });

    assertThat(search.held().orElseThrow()).isBetween(4_750.0, 5_000.0);
    assertThat(search.failed().orElseThrow()).isBetween(5_000.0, 5_250.0);
    assertThat(search.ownLimit()).isEmpty();
  }

  @Test
  void search_limitedByWindow_isNotAttributedToTarget() {
    CapacitySearch search = new CapacitySearch(1_000, 1_000_000, 0.05, 1);

    search(search, rate -> rate <= 10_000 ? Outcome.HELD : Outcome.WINDOW_LIMITED);

    assertThat(search.held().orElseThrow()).isBetween(9_500.0, 10_000.0);
    assertThat(search.failed()).isEmpty();
    assertThat(search.inconclusive().orElseThrow()).isBetween(10_000.0, 10_500.0);
    assertThat(search.ownLimit()).hasValue(Outcome.WINDOW_LIMITED);
  }

  @ParameterizedTest
  @CsvSource({"WINDOW_LIMITED,GENERATOR_LIMITED", "GENERATOR_LIMITED,WINDOW_LIMITED"})
  void search_windowFullInOneOfTwoTrials_isAttributedToWindow(Outcome one, Outcome other) {
    CapacitySearch search = new CapacitySearch(1_000, 1_000, 0.05, 1);

    search(search, rate -> tried.size() == 1 ? one : other);

    assertThat(search.ownLimit()).hasValue(Outcome.WINDOW_LIMITED);
  }

  @Test
  void search_targetFailsBelowAnInconclusiveRate_isAttributedToTarget() {
    CapacitySearch search = new CapacitySearch(1_000, 1_000_000, 0.05, 1);

    search(search, rate -> rate > 7_000 ? Outcome.GENERATOR_LIMITED : upTo(5_000, rate));

    assertThat(search.failed().orElseThrow()).isBetween(5_000.0, 5_250.0);
    assertThat(search.inconclusive()).hasValue(8_000);
    assertThat(search.ownLimit()).isEmpty();
  }

  @Test
  void search_generatorTooWeakForTheFirst_hasNoResult() {
    CapacitySearch search = new CapacitySearch(1_000, 1_000_000, 0.05, 2);

    search(search, rate -> Outcome.GENERATOR_LIMITED);

    assertThat(search.held()).isEmpty();
    assertThat(search.failed()).isEmpty();
    assertThat(search.ownLimit()).hasValue(Outcome.GENERATOR_LIMITED);
  }

  @Test
  void search_oneFailureWhileGrowing_costsOneTrial() {
    CapacitySearch search = new CapacitySearch(1_000, 1_000_000, 0.05, 3);

    search(search, rate -> tried.size() == 2 ? Outcome.FAILED : upTo(50_000, rate));

    assertThat(search.held().orElseThrow()).isBetween(47_000.0, 50_000.0);
  }

  @Test
  void search_rateThatHeldByChance_isDetectedByConfirming() {
    CapacitySearch search = new CapacitySearch(1_000, 64_000, 0.05, 3);

    search(search, rate -> tried.size() == 7 ? Outcome.HELD : upTo(32_000, rate));

    assertThat(tried.get(6)).isEqualTo(64_000);
    assertThat(search.held().orElseThrow()).isBetween(30_400.0, 32_000.0);
    assertThat(search.failed().orElseThrow()).isBetween(32_000.0, 33_600.0);
    assertThat(search.isConfirmed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void search_noisyTarget_endsNearItsLimit(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    CapacitySearch search = new CapacitySearch(1_000, 1_000_000, 0.05, 3);

    // The limit moves from trial to trial, by up to a tenth either way.
    search(search, rate -> upTo(100_000 * (0.9 + 0.2 * random.nextDouble()), rate));

    assertThat(search.held().orElseThrow()).as("seed %d", seed).isBetween(80_000.0, 110_000.0);
    assertThat(search.isConfirmed()).isTrue();
  }

  @Test
  void search_confirmationThatNeverHolds_endsWithoutResult() {
    CapacitySearch search = new CapacitySearch(1_000, 4_000, 0.2, 1);

    search(search, rate -> tried.size() <= 3 ? Outcome.HELD : Outcome.FAILED);

    assertThat(search.held()).isEmpty();
    assertThat(search.failed().orElseThrow()).isLessThan(1_200);
  }

  @ParameterizedTest
  @CsvSource({
    "0,10,0.05,3,--from",
    "10,5,0.05,3,--to",
    "1,10,0,3,--precision",
    "1,10,0.6,3,--precision",
    "1,10,0.05,-1,--confirm",
    "1,10,0.05,101,--confirm",
  })
  void new_outOfRange_isRejectedByName(
      double from, double to, double precision, int confirmations, String option) {
    assertThatThrownBy(() -> new CapacitySearch(from, to, precision, confirmations))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(option);
  }
}
