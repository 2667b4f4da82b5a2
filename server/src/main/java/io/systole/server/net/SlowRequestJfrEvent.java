// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.metrics.RequestKind;
import java.util.Locale;
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
final class SlowRequestJfrEvent extends Event {
  @Label("Kind")
  String kind = "";

  @Label("Status")
  int status;

  @Label("Latency")
  @Timespan(Timespan.NANOSECONDS)
  long latency;

  @Label("Requests")
  int requests;

  /** Commits an event if the recorder is on. */
  static void emit(RequestKind kind, int status, long latencyNs, int requests) {
    SlowRequestJfrEvent event = new SlowRequestJfrEvent();
    if (event.isEnabled()) {
      event.kind = kind.name().toLowerCase(Locale.ROOT);
      event.status = status;
      event.latency = latencyNs;
      event.requests = requests;
      event.commit();
    }
  }
}
