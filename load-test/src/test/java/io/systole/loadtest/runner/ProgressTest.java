// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report.Sample;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final long START_NS = -5;

  private final StringWriter out = new StringWriter();
  private long nowNs = START_NS;
  private final Progress progress = new Progress(new PrintWriter(out, true), true, () -> nowNs);

  private String lastLine() {
    String text = out.toString();
    return text.substring(text.lastIndexOf("\u001b[K") + 3);
  }

  private static Sample sample(long not200, long failed) {
    return new Sample(
        1, 1, 0, 0, not200, failed, 0, 1_234_567, 1234.56, 2345.67, 3456.78, 0.0, 0.0, null, null,
        null, 1.25, 1234.5);
  }

  @Test
  void report_allDetails_fitsEightyColumns() {
    progress.beginTimed("measuring", 0, 3_600_000);
    nowNs += TimeUnit.SECONDS.toNanos(125);

    progress.report(1_234_567_890, sample(123_456, 123_456));

    assertThat(lastLine())
        .hasSizeLessThan(80)
        .startsWith("  2:05 min, 57:55 min left  1,234,567,890 responses, 9,876,543/s")
        .doesNotContain("\n");
  }

  @Test
  void report_faults_comeBeforeLatency() {
    progress.beginTimed("measuring", 0, 60_000);
    nowNs += TimeUnit.SECONDS.toNanos(12);

    progress.report(1_200, sample(3, 4));

    assertThat(lastLine())
        .startsWith("  12 s, 48 s left  1,200 responses, 100/s; 3 not 200; 4 failed");
  }

  @Test
  void report_countedPhase_estimatesWhatRemains() {
    progress.beginCounted("registering 400 instances", 400);
    nowNs += TimeUnit.SECONDS.toNanos(10);

    progress.report(100, "registered");

    assertThat(lastLine()).isEqualTo("  10 s, 30 s left  100 registered, 10/s");
  }
}
