// SPDX-License-Identifier: Apache-2.0
package io.systole.server.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A registration. */
@Name("io.systole.Registration")
@Label("Registration")
@Description("An instance was registered, or registered again")
@Category("Systole")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Read by the Flight Recorder.
public final class RegistrationJfrEvent extends Event {
  @Label("Application")
  private String app = "";

  @Label("Instance")
  @Description("The id of the instance")
  private String id = "";

  @Label("Status")
  private String status = "";

  @Label("Origin")
  @Description("CLIENT, PEER, MEMBER, MEMBER_PEER or NODE: who sent the registration")
  private String origin = "";

  @Label("New")
  @Description("Whether the instance had no lease before")
  private boolean isNew;

  private RegistrationJfrEvent() {}

  /** Records a registration. Any thread. */
  public static void record(String app, String id, Enum<?> status, Enum<?> origin, boolean isNew) {
    RegistrationJfrEvent event = new RegistrationJfrEvent();
    if (event.shouldCommit()) {
      event.app = app;
      event.id = id;
      event.status = status.name();
      event.origin = origin.name();
      event.isNew = isNew;
      event.commit();
    }
  }
}
