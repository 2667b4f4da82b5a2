// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.Report.Sample;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Progress output: on a terminal one line that is overwritten each second, otherwise a line every
 * five seconds. Not thread-safe.
 */
public final class Progress {
  private static final long TERMINAL_EVERY_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long PLAIN_EVERY_NS = TimeUnit.SECONDS.toNanos(5);
  private static final String CLEAR_LINE = "\r\u001b[K";

  /** A line of 80 columns would wrap and could not be overwritten. */
  static final int COLUMNS_MAX = 79;

  private final PrintWriter out;
  private final boolean isTerminal;
  private final LongSupplier clock;
  private long nextNs;
  private long lastNs;
  private long lastCount;
  private long beganNs;
  private long forMs;
  private long total;

  public Progress(PrintWriter out, boolean isTerminal) {
    this(out, isTerminal, System::nanoTime);
  }

  /** @param clock monotonic, ns */
  Progress(PrintWriter out, boolean isTerminal, LongSupplier clock) {
    this.out = out;
    this.isTerminal = isTerminal;
    this.clock = clock;
  }

  /** Returns whether standard error is a terminal; false if unknown. */
  public static boolean isErrorTerminal() {
    try {
      String target = Path.of("/proc/self/fd/2").toRealPath().toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      // A pipe, or a system without /proc.
      return false;
    }
  }

  /** Starts a phase of unknown length that counts from {@code count}. */
  void begin(String phase, long count) {
    begin(phase, count, 0, 0);
  }

  /** Starts a phase of a fixed length. */
  void beginTimed(String phase, long count, long phaseMs) {
    begin(phase + " for " + text(phaseMs), count, phaseMs, 0);
  }

  /** Starts a phase that ends at a count of {@code countMax}, from 0. */
  void beginCounted(String phase, long countMax) {
    begin(phase, 0, 0, countMax);
  }

  private void begin(String phase, long count, long phaseMs, long countMax) {
    end();
    forMs = phaseMs;
    total = countMax;
    out.println(phase);
    out.flush();
    lastNs = clock.getAsLong();
    beganNs = lastNs;
    nextNs = lastNs + (isTerminal ? TERMINAL_EVERY_NS : PLAIN_EVERY_NS);
    lastCount = count;
  }

  /**
   * Prints the count if a line is due.
   *
   * @param count so far
   * @param unit plural name of the counted things
   */
  void report(long count, String unit) {
    report(count, unit, List.of());
  }

  private void report(long count, String unit, List<String> more) {
    long nowNs = clock.getAsLong();
    if (nowNs - nextNs < 0) {
      return;
    }
    double perSec = (count - lastCount) * 1e9 / (nowNs - lastNs);
    String rate = String.format(Locale.ROOT, "  %,d %s, %,.0f/s", count, unit, perSec);
    String line = line(TimeUnit.NANOSECONDS.toMillis(nowNs - beganNs), count, rate, more);
    out.print(isTerminal ? CLEAR_LINE + line : line + System.lineSeparator());
    out.flush();
    lastNs = nowNs;
    lastCount = count;
    nextNs = nowNs + (isTerminal ? TERMINAL_EVERY_NS : PLAIN_EVERY_NS);
  }

  /**
   * Prints the state of the heartbeats if a line is due.
   *
   * @param answered responses so far
   * @param last the last second's sample
   */
  void report(long answered, Sample last) {
    List<String> more = new ArrayList<>();
    if (last.not200() > 0) {
      more.add(String.format(Locale.ROOT, "%,d not 200", last.not200()));
    }
    if (last.failed() > 0) {
      more.add(String.format(Locale.ROOT, "%,d failed", last.failed()));
    }
    more.add(
        last.p50Ms() == null || last.p99Ms() == null
            ? "no responses"
            : String.format(Locale.ROOT, "p50 %.2f p99 %.2f ms", last.p50Ms(), last.p99Ms()));
    more.add(String.format(Locale.ROOT, "lag %.1f ms", last.generatorLagMs()));
    more.add(String.format(Locale.ROOT, "%,d waiting", last.waiting()));
    report(answered, "responses", more);
  }

  /**
   * Returns elapsed and remaining time, the count, and as many details as fit on a terminal line.
   */
  private String line(long elapsedMs, long count, String rate, List<String> more) {
    StringBuilder line = new StringBuilder("  ").append(text(elapsedMs));
    long leftMs = forMs > 0
        ? forMs - elapsedMs
        : total > 0 && count > 0 ? (total - count) * elapsedMs / count : -1;
    line.append(leftMs < 0 ? "" : ", " + text(leftMs) + " left").append(rate);
    for (String part : more) {
      if (line.length() + 2 + part.length() > COLUMNS_MAX) {
        break;
      }
      line.append("; ").append(part);
    }
    return line.toString();
  }

  /** Formats a time in seconds, with minutes from 100 s on. */
  private static String text(long ms) {
    long secs = Math.round(ms / 1e3);
    if (ms > 0 && ms < 1_000) {
      return ms + " ms";
    }
    return secs < 100
        ? secs + " s"
        : String.format(Locale.ROOT, "%d:%02d min", secs / 60, secs % 60);
  }

  /** Clears the overwritten line. */
  void end() {
    if (isTerminal) {
      out.print(CLEAR_LINE);
      out.flush();
    }
  }
}
