// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.ComparisonReport;
import io.systole.loadtest.report.Report;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Drives two targets in turn, so that neither has the machine's better hour. */
public final class ComparisonDriver {
  /*
   *   A B | B A | A B | ...     each with a fleet of its own, registered before and cancelled after
   *
   * `current` and `hasEnded` are volatile: endEarly, on another thread, sets the one and then tells
   * the other. A driver that was made before is told by it; one made after is told by whoever made it.
   */
  private final Workload a;
  private final Workload b;
  private final int count;
  private final Progress progress;
  private volatile @Nullable LoadDriver current;
  private volatile boolean hasEnded;

  /** @param count rounds of each, 1 or more */
  public ComparisonDriver(Workload a, Workload b, int count, Progress progress) {
    if (count < 1) {
      throw new IllegalArgumentException("--rounds must be 1 or more, got " + count);
    }
    this.a = a;
    this.b = b;
    this.count = count;
    this.progress = progress;
  }

  /** Ends now: the round that is under way counts no more; any thread. */
  public void endEarly() {
    hasEnded = true;
    LoadDriver driver = current;
    if (driver != null) {
      driver.endEarly();
    }
  }

  /** Says whether it was told to end early. */
  public boolean hasEnded() {
    return hasEnded;
  }

  /**
   * Drives all rounds; returns those that have both halves.
   *
   * @throws LoadTestException when a target could not be driven, and when there is no whole round
   */
  public ComparisonReport drive() throws LoadTestException, InterruptedException {
    List<Report> ofA = new ArrayList<>();
    List<Report> ofB = new ArrayList<>();
    for (int round = 0; round < count; round++) {
      boolean isAFirst = round % 2 == 0;
      Report first = drive(isAFirst ? a : b, round);
      Report second = first == null ? null : drive(isAFirst ? b : a, round);
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
   * Drives the first target alone, as often; returns the rounds that were not ended early.
   *
   * @throws LoadTestException when it could not be driven, and when there is no whole round
   */
  public ComparisonReport driveFirst() throws LoadTestException, InterruptedException {
    List<Report> rounds = new ArrayList<>();
    for (int round = 0; round < count; round++) {
      Report report = drive(a, round);
      if (report != null) {
        rounds.add(report);
      }
    }
    if (rounds.isEmpty()) {
      throw new LoadTestException("ended before the target was measured");
    }
    return new ComparisonReport(rounds, List.of());
  }

  private @Nullable Report drive(Workload workload, int round)
      throws LoadTestException, InterruptedException {
    if (hasEnded) {
      return null;
    }
    progress.begin("round " + (round + 1) + " of " + count + ": " + workload.address(), 0);
    LoadDriver driver = new LoadDriver(workload, progress);
    current = driver;
    if (hasEnded) {
      driver.endEarly();
    }
    try {
      Report report = driver.drive();
      return hasEnded ? null : report;
    } catch (LoadTestException e) {
      if (hasEnded) {
        return null;
      }
      throw new LoadTestException(workload.address() + ": " + e.getMessage());
    }
  }
}
