// SPDX-License-Identifier: Apache-2.0
package io.systole.server.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * A flight recorder event for requests whose responses took long. It is committed after the fact,
 * so the recorder's own duration is 0 and {@code latency} is that of the request.
 */
@Name("io.systole.SlowRequest")
@Label("Slow Request")
@Description("Requests of one read whose responses were sent a second or more later")
@Category("Systole")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Read by the Flight Recorder.
public final class SlowRequestJfrEvent extends Event {
  @Label("Kind")
  private String kind = "";

  @Label("Status")
  private int status;

  @Label("Latency")
  @Timespan(Timespan.NANOSECONDS)
  private long latency;

  @Label("Requests")
  private int requests;

  private SlowRequestJfrEvent() {}

  /**
   * Records requests that took equally long. Any thread.
   *
   * @param kind in lower case
   * @param latencyNs from the read of the requests to the write of their responses
   * @param requests their number
   */
  public static void record(String kind, int status, long latencyNs, int requests) {
    SlowRequestJfrEvent event = new SlowRequestJfrEvent();
    if (event.isEnabled()) {
      event.kind = kind;
      event.status = status;
      event.latency = latencyNs;
      event.requests = requests;
      event.commit();
    }
  }
}
