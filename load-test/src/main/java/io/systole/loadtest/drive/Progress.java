// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import io.systole.loadtest.report.Report.Sample;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Tells a person how far things are: on a terminal one line that is written over each second, else
 * a line each five seconds. For one thread.
 */
public final class Progress {
  private static final long TERMINAL_EVERY_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long PLAIN_EVERY_NS = TimeUnit.SECONDS.toNanos(5);
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintWriter out;
  private final boolean isTerminal;
  private long nextNs;
  private long lastNs;
  private long lastCount;

  public Progress(PrintWriter out, boolean isTerminal) {
    this.out = out;
    this.isTerminal = isTerminal;
  }

  /** Says whether standard error is a terminal, where that can be known. */
  public static boolean isErrorTerminal() {
    try {
      String target = Path.of("/proc/self/fd/2").toRealPath().toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      // Pipes and other systems have no such path.
      return false;
    }
  }

  /** Begins a phase that counts something, from {@code count} on. */
  void begin(String phase, long count) {
    end();
    out.println(phase);
    out.flush();
    lastNs = System.nanoTime();
    nextNs = lastNs + (isTerminal ? TERMINAL_EVERY_NS : PLAIN_EVERY_NS);
    lastCount = count;
  }

  /**
   * Tells, if it is time to.
   *
   * @param count of what the phase counts, so far
   * @param unit its name, in the plural
   */
  void tell(long count, String unit, String more) {
    long nowNs = System.nanoTime();
    if (nowNs - nextNs < 0) {
      return;
    }
    double perSec = (count - lastCount) * 1e9 / (nowNs - lastNs);
    String line = String.format(Locale.ROOT, "  %,d %s, %,.0f/s%s", count, unit, perSec, more);
    out.print(isTerminal ? CLEAR_LINE + line : line + System.lineSeparator());
    out.flush();
    lastNs = nowNs;
    lastCount = count;
    nextNs = nowNs + (isTerminal ? TERMINAL_EVERY_NS : PLAIN_EVERY_NS);
  }

  /**
   * Tells how the beats fare, if it is time to.
   *
   * @param answered so far
   * @param last of the last second
   */
  void tell(long answered, Sample last) {
    String latency = last.p50Ms() == null || last.p99Ms() == null
        ? "no answers"
        : String.format(Locale.ROOT, "p50 %.2f p99 %.2f ms", last.p50Ms(), last.p99Ms());
    tell(
        answered,
        "answers",
        String.format(
            Locale.ROOT,
            "; %s, %d not 200, %d failed, %d waiting; generator %.2f cores, lag %.1f ms",
            latency,
            last.not200(),
            last.failed(),
            last.waiting(),
            last.generatorCores(),
            last.generatorLagMs()));
  }

  /** Leaves nothing of the line that is written over. */
  void end() {
    if (isTerminal) {
      out.print(CLEAR_LINE);
      out.flush();
    }
  }
}
