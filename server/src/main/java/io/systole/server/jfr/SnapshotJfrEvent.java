// SPDX-License-Identifier: Apache-2.0
package io.systole.server.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A snapshot of the leases, from its begin to its end or failure. Confined to one thread. */
@Name("io.systole.Snapshot")
@Label("Snapshot")
@Description("The leases were written to a snapshot in the data directory")
@Category("Systole")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Read by the Flight Recorder.
public final class SnapshotJfrEvent extends Event {
  @Label("Written")
  @Description("False if the disk failed")
  private boolean isWritten;

  @Label("Version")
  @Description("The version up to which the journal was written when the snapshot began")
  private long version;

  @Label("File Size")
  @DataAmount
  private long bytes;

  @Label("Size Before Compression")
  @DataAmount
  private long plainBytes;

  private SnapshotJfrEvent() {}

  /** Begins an event. */
  public static SnapshotJfrEvent started() {
    SnapshotJfrEvent event = new SnapshotJfrEvent();
    event.begin();
    return event;
  }

  /** Ends the event and records it. */
  public void finished(long versionWritten, long fileBytes, long leaseBytes) {
    isWritten = true;
    bytes = fileBytes;
    plainBytes = leaseBytes;
    record(versionWritten);
  }

  /** Ends the event as a failure and records it. */
  public void failed(long versionWritten) {
    record(versionWritten);
  }

  private void record(long versionWritten) {
    version = versionWritten;
    commit();
  }
}
