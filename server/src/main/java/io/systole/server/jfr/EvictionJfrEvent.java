// SPDX-License-Identifier: Apache-2.0
package io.systole.server.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** An eviction. */
@Name("io.systole.Eviction")
@Label("Eviction")
@Description("The lease of an instance was evicted")
@Category("Systole")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Read by the Flight Recorder.
public final class EvictionJfrEvent extends Event {
  @Label("Application")
  private String app = "";

  @Label("Instance")
  @Description("The id of the instance")
  private String id = "";

  @Label("Cause")
  @Description("EXPIRED, UNRENEWED since it was restored, or OPERATOR")
  private String cause = "";

  @Label("By")
  @Description("NODE, OPERATOR, or MEMBER for another member of the cluster")
  private String by = "";

  @Label("Reason")
  private String reason = "";

  private EvictionJfrEvent() {}

  /** Records an eviction. Any thread. */
  public static void record(String app, String id, Enum<?> cause, Enum<?> by, String reason) {
    EvictionJfrEvent event = new EvictionJfrEvent();
    if (event.shouldCommit()) {
      event.app = app;
      event.id = id;
      event.cause = cause.name();
      event.by = by.name();
      event.reason = reason;
      event.commit();
    }
  }
}
