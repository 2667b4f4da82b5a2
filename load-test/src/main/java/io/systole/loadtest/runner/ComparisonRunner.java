// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.ComparisonReport;
import io.systole.loadtest.report.Report;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A runner of rounds on two targets in alternating order, which cancels drift of the machine. */
public final class ComparisonRunner {
  /*
   *   A B | B A | A B | ...     each with its own fleet, registered before and cancelled after
   *
   * `current` and `hasEnded` are volatile: endEarly, on another thread, sets hasEnded and then ends
   * the current runner. A runner created concurrently is ended by its creator, which checks
   * hasEnded after publishing it.
   */
  private final Workload a;
  private final Workload b;
  private final int count;
  private final Progress progress;
  private volatile @Nullable WorkloadRunner current;
  private volatile boolean hasEnded;

  /** @param count rounds per target, 1 or more */
  public ComparisonRunner(Workload a, Workload b, int count, Progress progress) {
    if (count < 1) {
      throw new IllegalArgumentException("--rounds must be 1 or more, got " + count);
    }
    this.a = a;
    this.b = b;
    this.count = count;
    this.progress = progress;
  }

  /** Ends the comparison now and discards the current round. Thread-safe. */
  public void endEarly() {
    hasEnded = true;
    WorkloadRunner runner = current;
    if (runner != null) {
      runner.endEarly();
    }
  }

  /** Returns whether {@link #endEarly} was called. */
  public boolean hasEnded() {
    return hasEnded;
  }

  /**
   * Runs all rounds; returns those that are complete for both targets.
   *
   * @throws LoadTestException if a target could not be measured, or no round is complete
   */
  public ComparisonReport run() throws LoadTestException, InterruptedException {
    List<Report> ofA = new ArrayList<>();
    List<Report> ofB = new ArrayList<>();
    for (int round = 0; round < count; round++) {
      boolean isAFirst = round % 2 == 0;
      Report first = run(isAFirst ? a : b, round);
      Report second = first == null ? null : run(isAFirst ? b : a, round);
      if (first == null || second == null) {
        break;
      }
      ofA.add(isAFirst ? first : second);
      ofB.add(isAFirst ? second : first);
    }
    if (ofA.isEmpty()) {
      throw new LoadTestException("ended before both targets were measured");
    }
    return new ComparisonReport(ofA, ofB);
  }

  /**
   * Runs all rounds on the first target only; returns those that were not ended early.
   *
   * @throws LoadTestException if the target could not be measured, or no round is complete
   */
  public ComparisonReport runFirst() throws LoadTestException, InterruptedException {
    List<Report> rounds = new ArrayList<>();
    for (int round = 0; round < count; round++) {
      Report report = run(a, round);
      if (report != null) {
        rounds.add(report);
      }
    }
    if (rounds.isEmpty()) {
      throw new LoadTestException("ended before the target was measured");
    }
    return new ComparisonReport(rounds, List.of());
  }

  private @Nullable Report run(Workload workload, int round)
      throws LoadTestException, InterruptedException {
    if (hasEnded) {
      return null;
    }
    progress.begin("round " + (round + 1) + " of " + count + ": " + workload.address(), 0);
    WorkloadRunner runner = new WorkloadRunner(workload, progress);
    current = runner;
    if (hasEnded) {
      runner.endEarly();
    }
    try {
      Report report = runner.run();
      return hasEnded ? null : report;
    } catch (LoadTestException e) {
      if (hasEnded) {
        return null;
      }
      throw new LoadTestException(workload.address() + ": " + e.getMessage());
    }
  }
}
