// SPDX-License-Identifier: Apache-2.0
package io.systole.server.jfr;

import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The state of self-preservation, at each eviction run and each change. */
@Name("io.systole.SelfPreservation")
@Label("Self-Preservation")
@Description("The state of self-preservation at an eviction run, or when it begins or ends")
@Category("Systole")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Read by the Flight Recorder.
public final class SelfPreservationJfrEvent extends Event {
  @Label("Active")
  private boolean isActive;

  @Label("Renewals")
  @Description("The renewals of the last whole minute")
  private long renewals;

  @Label("Threshold")
  @Description("The renewals of a minute that must be exceeded")
  private long threshold;

  @Label("Expired")
  @Description("The number of expired leases")
  private int expired;

  @Label("Summary")
  private String summary = "";

  private SelfPreservationJfrEvent() {}

  /**
   * Records the state. Any thread.
   *
   * @param expired the number of expired leases
   * @param summary returns the state in sentences; called if the event is recorded
   */
  public static void record(
      boolean isActive, long renewals, long threshold, int expired, Supplier<String> summary) {
    SelfPreservationJfrEvent event = new SelfPreservationJfrEvent();
    if (event.shouldCommit()) {
      event.isActive = isActive;
      event.renewals = renewals;
      event.threshold = threshold;
      event.expired = expired;
      event.summary = summary.get();
      event.commit();
    }
  }
}
