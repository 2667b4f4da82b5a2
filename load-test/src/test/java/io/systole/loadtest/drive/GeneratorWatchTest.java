// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.drive.GeneratorWatch.Seen;
import io.systole.loadtest.record.Lateness;
import io.systole.loadtest.report.Report.Generator;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class GeneratorWatchTest {
  private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(10);

  /** Late once in ten seconds, by so long. */
  private static Histogram late(long ms) {
    Lateness lateness = new Lateness();
    lateness.record(0, TimeUnit.MILLISECONDS.toNanos(ms));
    return lateness.over(WINDOW_NS);
  }

  private static Seen seen(long lateMs, long probedMs, double busyShare) {
    return new Seen(0.3, late(lateMs), late(probedMs), busyShare, 7);
  }

  @Test
  void ofRun_punctualMostOfTheTime_isValid() {
    Generator generator = GeneratorWatch.ofRun(seen(50, 50, 0.5), 10, 30_000);

    assertThat(generator.isValid()).as(generator.why()).isTrue();
    assertThat(generator.why()).isEmpty();
    assertThat(generator.lagMaxMs()).isBetween(49.0, 51.0);
    assertThat(generator.gcMs()).isEqualTo(7);
  }

  @Test
  void ofRun_lateForMoreThanAHundredthOfTheTime_isInvalid() {
    Generator generator = GeneratorWatch.ofRun(seen(200, 0, 0.5), 10, 30_000);

    assertThat(generator.isValid()).isFalse();
    assertThat(generator.why()).contains("its own lag was").contains("--lag-max=10");
  }

  @Test
  void ofRun_slowToGiveSignsOfLife_isInvalid() {
    Generator generator = GeneratorWatch.ofRun(seen(0, 200, 0.5), 10, 30_000);

    assertThat(generator.isValid()).isFalse();
  }

  @Test
  void ofRun_lateByAnInterval_isInvalidHoweverSeldom() {
    Generator generator = GeneratorWatch.ofRun(seen(60, 0, 0.5), 10, 50);

    assertThat(generator.isValid()).isFalse();
    assertThat(generator.why()).contains("a whole interval of 50 ms");
  }

  @Test
  void ofRun_loopThatIsBusyAllTheTime_isInvalid() {
    Generator generator = GeneratorWatch.ofRun(seen(0, 0, 0.97), 10, 30_000);

    assertThat(generator.isValid()).isFalse();
    assertThat(generator.why()).contains("97 % of the time");
  }

  @Test
  void ofPeak_loopThatIsBusyAllTheTime_isValidAndSaysThatTheTargetMayHaveMore() {
    Generator generator = GeneratorWatch.ofPeak(seen(200, 200, 0.97));

    assertThat(generator.isValid()).isTrue();
    assertThat(generator.why()).startsWith("generator-bound: ").endsWith("may have more");
  }

  @Test
  void ofPeak_loopThatWaitsForTheTarget_saysNothing() {
    assertThat(GeneratorWatch.ofPeak(seen(0, 0, 0.6)).why()).isEmpty();
  }
}
