// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Searches the highest rate that holds, given only whether a rate that was tried did. Knows nothing
 * of how a rate is tried, nor why it failed. For one thread.
 */
public final class CapacitySearch {
  /*
   *            held             failed                 narrow enough
   *   GROWING -----> GROWING    ------> NARROWING ---------------------> CONFIRMING --N held--> OVER
   *      |    x 2, up to `to`              half way between                |    ^
   *      |                                 what held and                   |    | failed: a precision less
   *      +- `to` held -----> CONFIRMING    what did not                    +----+ (or OVER below `from`)
   *
   * Trials are noisy. A rate that fails is tried once more before it is believed, for one hiccup of
   * the machine must not halve the answer; a rate that held by luck is found out by confirming.
   *
   * A trial that the load generator itself could not drive proves nothing of the target. If either of
   * the two trials of a rate was one that the target failed, the rate has failed. Otherwise the rate
   * could not be driven, which bounds the search from above as a failure does, but not the target.
   */
  /** What became of a trial. */
  public enum Outcome {
    HELD,
    FAILED,
    /** The load generator could not keep up. */
    GENERATOR,
    /** The bound of requests in flight was reached, and each was answered in time. */
    WINDOW
  }

  /** What the search is about. */
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

  /** The lowest rate that could not be driven, and why. */
  private double undriven = Double.POSITIVE_INFINITY;

  private Outcome undrivenBy = Outcome.GENERATOR;

  /** The outcome of the first of two trials of a rate; null before the first. */
  private @Nullable Outcome first;

  private int confirmed;

  /**
   * Begins a search.
   *
   * @param from first rate, above 0
   * @param to highest rate, {@code from} or more
   * @param precision at which the bracket is narrow enough, a share of what held, 0.001..0.5
   * @param confirmations times that the answer has to hold once more, 0..100
   */
  public CapacitySearch(double from, double to, double precision, int confirmations) {
    require(from > 0, "--from must be above 0, got " + from);
    require(to >= from, "--to=" + to + " is below --from=" + from);
    require(
        precision >= 0.001 && precision <= 0.5,
        "--precision is out of range: " + precision + " is not within 0.001..0.5");
    require(
        confirmations >= 0 && confirmations <= 100,
        "--confirm is out of range: " + confirmations + " is not within 0..100");
    this.from = from;
    this.to = to;
    this.precision = precision;
    this.confirmations = confirmations;
    this.rate = from;
  }

  private static void require(boolean isGood, String message) {
    if (!isGood) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Returns the rate to be tried next; of no meaning once the search is over. */
  public double rate() {
    return rate;
  }

  public Stage stage() {
    return stage;
  }

  /** Returns the highest rate that held and was not refuted; empty when none did. */
  public OptionalDouble held() {
    return held > 0 ? OptionalDouble.of(held) : OptionalDouble.empty();
  }

  /** Returns the lowest rate that failed; empty when none did. */
  public OptionalDouble failed() {
    return Double.isFinite(failed) ? OptionalDouble.of(failed) : OptionalDouble.empty();
  }

  /** Returns the lowest rate that the load generator could not drive; empty when it drove all. */
  public OptionalDouble undriven() {
    return Double.isFinite(undriven) ? OptionalDouble.of(undriven) : OptionalDouble.empty();
  }

  /**
   * Returns what of the load generator, instead of the target, set the upper end:
   * {@link Outcome#GENERATOR} or {@link Outcome#WINDOW}; empty when it was the target or nothing
   * did.
   */
  public Optional<Outcome> ownLimit() {
    return undriven < failed ? Optional.of(undrivenBy) : Optional.empty();
  }

  /** Says whether what held has held as often again as was asked. */
  public boolean isConfirmed() {
    return held > 0 && confirmed >= confirmations;
  }

  /** Takes the outcome of the trial of {@link #rate}. */
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
      chooseBetween();
    }
  }

  private void hold() {
    held = rate;
    if (stage == Stage.NARROWING) {
      chooseBetween();
    } else if (rate >= to) {
      beginConfirming();
    } else {
      rate = Math.min(to, GROWTH * rate);
    }
  }

  /** Returns which of two outcomes proves more: a trial that the generator did not spoil does. */
  private static Outcome proof(Outcome one, Outcome other) {
    if (one == Outcome.FAILED || other == Outcome.FAILED) {
      return Outcome.FAILED;
    }
    return one == Outcome.WINDOW ? one : other;
  }

  private void bound(Outcome outcome) {
    if (outcome == Outcome.FAILED) {
      failed = Math.min(failed, rate);
    } else if (rate < undriven) {
      undriven = rate;
      undrivenBy = outcome;
    }
  }

  private void chooseBetween() {
    double upper = Math.min(failed, undriven);
    if (held == 0) {
      // Not even the first.
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
    // What held before this was luck; nothing below it need have been tried.
    held = 0;
    confirmed = 0;
    rate = rate / (1 + precision);
    if (rate < from) {
      stage = Stage.OVER;
    }
  }
}
