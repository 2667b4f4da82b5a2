// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Loop;
import io.systole.loadtest.runner.GeneratorMonitor.Sample;
import io.systole.loadtest.stats.GeneratorLag;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeneratorMonitorTest {
  private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(10);

  /** Returns the lag of one late wake-up in ten seconds. */
  private static Histogram late(long ms) {
    GeneratorLag lag = new GeneratorLag();
    lag.record(0, TimeUnit.MILLISECONDS.toNanos(ms));
    return lag.over(WINDOW_NS);
  }

  private static Sample sample(long lateMs, long probedMs, double ranShare) {
    return sample(lateMs, probedMs, 0, new Loop(0.1, 0.0), new Loop(ranShare, 0.01));
  }

  private static Sample sample(long lateMs, long probedMs, double fullShare, Loop... loops) {
    return new Sample(0.3, late(lateMs), late(probedMs), fullShare, List.of(loops), 7);
  }

  @Test
  void ofRun_punctualMostOfTheTime_isValid() {
    Generator generator = GeneratorMonitor.ofRun(sample(50, 50, 0.5), 10, 30_000);

    assertThat(generator.isValid()).as(generator.reason()).isTrue();
    assertThat(generator.reason()).isEmpty();
    assertThat(generator.lagMaxMs()).isBetween(49.0, 51.0);
    assertThat(generator.gcMs()).isEqualTo(7);
  }

  @Test
  void ofRun_lateForMoreThanAHundredthOfTheTime_isInvalid() {
    Generator generator = GeneratorMonitor.ofRun(sample(200, 0, 0.5), 10, 30_000);

    assertThat(generator.isValid()).isFalse();
    assertThat(generator.reason()).contains("its own lag was").contains("--lag-max=10");
  }

  @Test
  void ofRun_lateStateResponses_isInvalid() {
    Generator generator = GeneratorMonitor.ofRun(sample(0, 200, 0.5), 10, 30_000);

    assertThat(generator.isValid()).isFalse();
  }

  @Test
  void ofRun_lateByAnInterval_isInvalidHoweverSeldom() {
    Generator generator = GeneratorMonitor.ofRun(sample(60, 0, 0.5), 10, 50);

    assertThat(generator.isValid()).isFalse();
    assertThat(generator.reason()).contains("a whole interval of 50 ms");
  }

  @Test
  void ofRun_loopThatIsBusyAllTheTime_isInvalid() {
    Generator generator = GeneratorMonitor.ofRun(sample(0, 0, 0.97), 10, 30_000);

    assertThat(generator.isValid()).isFalse();
    assertThat(generator.reason()).contains("generator busy", "ran 97 % of the time");
    assertThat(generator.loops()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"0.899,true", "0.9,false"})
  void ofRun_busyLoop_isInvalidFromTheLimitOn(double ranShare, boolean isValid) {
    Sample sample = sample(0, 0, 0, new Loop(ranShare, null));

    assertThat(GeneratorMonitor.ofRun(sample, 10, 30_000).isValid()).isEqualTo(isValid);
  }

  @Test
  void ofRun_loopThatWaitsForACore_isStarvedAndNotBusy() {
    Generator starved = GeneratorMonitor.ofRun(sample(0, 0, 0, new Loop(0.61, 0.34)), 10, 30_000);

    assertThat(starved.isValid()).isFalse();
    assertThat(starved.reason())
        .startsWith("starved of cores: ")
        .contains("ran 61 % of the time and waited for a core 34 %")
        .doesNotContain("busy");
  }

  @ParameterizedTest
  @CsvSource({"0.2,0.25,true", "0.25,0.2,false"})
  void ofRun_lateLoop_isStarvedWhenItWaitedForLongerThanItRan(
      double ranShare, double waitedShare, boolean isStarved) {
    Sample sample = sample(200, 0, 0, new Loop(ranShare, waitedShare));

    Generator late = GeneratorMonitor.ofRun(sample, 10, 30_000);

    assertThat(late.isValid()).isFalse();
    assertThat(late.reason()).startsWith("its own lag was");
    assertThat(late.reason().contains("starved of cores: ")).isEqualTo(isStarved);
  }

  @Test
  void ofRun_fullWindow_isValidWithReason() {
    Generator full = GeneratorMonitor.ofRun(sample(0, 0, 0.93, new Loop(0.2, 0.0)), 10, 30_000);

    assertThat(full.isValid()).isTrue();
    assertThat(full.windowFullShare()).isEqualTo(0.93);
    assertThat(full.reason()).contains("in-flight window was full 93 % of the time");
  }

  @Test
  void ofPeak_loopThatIsBusyAllTheTime_isValidWithReason() {
    Generator generator = GeneratorMonitor.ofPeak(sample(200, 200, 0.97));

    assertThat(generator.isValid()).isTrue();
    assertThat(generator.reason()).startsWith("generator-bound: ").endsWith("may have more");
  }

  @Test
  void ofPeak_idleLoop_hasNoReason() {
    assertThat(GeneratorMonitor.ofPeak(sample(0, 0, 0.6)).reason()).isEmpty();
  }
}
