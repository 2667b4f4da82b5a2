// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A search for the highest rate that meets an objective, from the outcomes of trials. Independent
 * of the way a rate is tried. Not thread-safe.
 */
public final class CapacitySearch {
  /*
   *              held             failed               narrow enough
   *   GROWING -----> GROWING    ------> NARROWING -------------------> CONFIRMING --N held--> OVER
   *      |    x 2, up to `to`             midpoint of held             |    ^
   *      |                                and failed                   |    | failed: step down
   *      +- `to` held -----> CONFIRMING                                +----+ (OVER below `from`)
   *
   * Trials are noisy. A rate that fails is tried a second time, because a single pause of the
   * machine must not halve the result; a rate that held by chance is detected by the confirmation.
   *
   * A trial that the load generator could not sustain proves nothing about the target. If the
   * target failed either of the two trials of a rate, the rate has failed. Otherwise the rate is
   * inconclusive, which bounds the search from above as a failure does, but is not a limit of the
   * target.
   */
  /** The outcome of a trial. */
  public enum Outcome {
    HELD,
    FAILED,
    /** The load generator fell behind. */
    GENERATOR_LIMITED,
    /** The in-flight window was full, while the target responded in time. */
    WINDOW_LIMITED
  }

  /** The stages of the search. */
  public enum Stage {
    GROWING,
    NARROWING,
    CONFIRMING,
    OVER
  }

  private static final double GROWTH = 2;

  private final double from;
  private final double to;
  private final double precision;
  private final int confirmations;

  private Stage stage = Stage.GROWING;
  private double rate;
  private double held;
  private double failed = Double.POSITIVE_INFINITY;

  /** The lowest rate that the generator could not sustain, and the cause. */
  private double inconclusive = Double.POSITIVE_INFINITY;

  private Outcome inconclusiveBy = Outcome.GENERATOR_LIMITED;

  /** The outcome of the first of two trials of a rate; null before the first. */
  private @Nullable Outcome first;

  private int confirmed;

  /**
   * Starts a search.
   *
   * @param from first rate, above 0
   * @param to highest rate, {@code from} or more
   * @param precision relative width at which the bracket is narrow enough, 0.001..0.5
   * @param confirmations repetitions that must confirm the result, 0..100
   */
  public CapacitySearch(double from, double to, double precision, int confirmations) {
    require(from > 0, "--from must be above 0, got " + from);
    require(to >= from, "--to=" + to + " is below --from=" + from);
    require(
        precision >= 0.001 && precision <= 0.5,
        "--precision is out of range: " + precision + " is not within 0.001..0.5");
    OptionRange.require("--confirm", confirmations, 0, 100);
    this.from = from;
    this.to = to;
    this.precision = precision;
    this.confirmations = confirmations;
    this.rate = from;
  }

  private static void require(boolean isValid, String message) {
    if (!isValid) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Returns the next rate to try; undefined once the search is over. */
  public double rate() {
    return rate;
  }

  public Stage stage() {
    return stage;
  }

  /** Returns the highest rate that held and was not refuted; empty if there is none. */
  public OptionalDouble held() {
    return held > 0 ? OptionalDouble.of(held) : OptionalDouble.empty();
  }

  /** Returns the lowest rate that failed; empty if there is none. */
  public OptionalDouble failed() {
    return Double.isFinite(failed) ? OptionalDouble.of(failed) : OptionalDouble.empty();
  }

  /** Returns the lowest rate that the load generator could not sustain; empty if there is none. */
  public OptionalDouble inconclusive() {
    return Double.isFinite(inconclusive) ? OptionalDouble.of(inconclusive) : OptionalDouble.empty();
  }

  /**
   * Returns {@link Outcome#GENERATOR_LIMITED} or {@link Outcome#WINDOW_LIMITED} if the load
   * generator set the upper bound; empty if the target did, or if there is no upper bound.
   */
  public Optional<Outcome> ownLimit() {
    return inconclusive < failed ? Optional.of(inconclusiveBy) : Optional.empty();
  }

  /** Returns whether there is a result, and it has been repeated as often as required. */
  public boolean hasResult() {
    return held > 0 && confirmed >= confirmations;
  }

  /** Returns whether there is a result, and at least one repetition has confirmed it. */
  public boolean isConfirmed() {
    return hasResult() && confirmed > 0;
  }

  /** Records the outcome of a trial of {@link #rate} and advances the search. */
  public void report(Outcome outcome) {
    if (stage == Stage.OVER) {
      throw new IllegalStateException("the search is over");
    }
    if (stage == Stage.CONFIRMING) {
      confirm(outcome);
    } else if (outcome == Outcome.HELD) {
      first = null;
      hold();
    } else if (first == null) {
      first = outcome;
    } else {
      bound(proof(first, outcome));
      first = null;
      chooseNextRate();
    }
  }

  private void hold() {
    held = rate;
    if (stage == Stage.NARROWING) {
      chooseNextRate();
    } else if (rate >= to) {
      beginConfirming();
    } else {
      rate = Math.min(to, GROWTH * rate);
    }
  }

  /** Returns the more conclusive of two outcomes: a failure of the target, then a full window. */
  private static Outcome proof(Outcome one, Outcome other) {
    if (one == Outcome.FAILED || other == Outcome.FAILED) {
      return Outcome.FAILED;
    }
    return one == Outcome.WINDOW_LIMITED ? one : other;
  }

  private void bound(Outcome outcome) {
    if (outcome == Outcome.FAILED) {
      failed = Math.min(failed, rate);
    } else if (rate < inconclusive) {
      inconclusive = rate;
      inconclusiveBy = outcome;
    }
  }

  private void chooseNextRate() {
    double upper = Math.min(failed, inconclusive);
    if (held == 0) {
      // The first rate failed.
      stage = Stage.OVER;
    } else if (upper - held <= precision * held) {
      beginConfirming();
    } else {
      stage = Stage.NARROWING;
      rate = (held + upper) / 2;
    }
  }

  private void beginConfirming() {
    stage = confirmations == 0 ? Stage.OVER : Stage.CONFIRMING;
    rate = held;
    confirmed = 0;
  }

  private void confirm(Outcome outcome) {
    if (outcome == Outcome.HELD) {
      held = rate;
      confirmed++;
      if (confirmed >= confirmations) {
        stage = Stage.OVER;
      }
      return;
    }
    bound(outcome);
    // The rate held by chance, and the rates between were not all tried.
    held = 0;
    confirmed = 0;
    rate = rate / (1 + precision);
    if (rate < from) {
      stage = Stage.OVER;
    }
  }
}
