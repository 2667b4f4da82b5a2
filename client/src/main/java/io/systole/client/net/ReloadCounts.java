// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

/** The outcomes of reading something again that has changed. Thread-safe. */
public final class ReloadCounts {
  private long applied;
  private long failed;
  private boolean isLastApplied = true;

  /** Counts a reload whose result is in force. */
  public synchronized void countApplied() {
    applied++;
    isLastApplied = true;
  }

  /** Counts a reload that has left the former state in force. */
  public synchronized void countFailed() {
    failed++;
    isLastApplied = false;
  }

  /** Returns the number of reloads whose result came into force. */
  public synchronized long applied() {
    return applied;
  }

  /** Returns the number of reloads that failed. */
  public synchronized long failed() {
    return failed;
  }

  /** Returns whether the last reload was applied; true before the first. */
  public synchronized boolean isLastApplied() {
    return isLastApplied;
  }
}
