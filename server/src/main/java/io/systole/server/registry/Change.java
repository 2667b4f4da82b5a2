// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A change of the registry and its position in the total order of changes. Readers follow
 * {@link #next}; nothing is copied for them. A change is garbage once no reader precedes it.
 */
public final class Change {
  /** The cause of a change. */
  public enum Cause {
    /** A registration, the first or a later one. */
    REGISTRATION,
    /** A change of status or override in place. */
    AMENDMENT,
    /** The instance ended its own lease. */
    CANCEL,
    /** The server ended the lease. */
    EVICTION,
    /**
     * A lease restored from an earlier run of the node. Reported to readers of every change; deltas
     * begin after it.
     */
    RESTORATION
  }

  /**
   * The estimated bytes of a change without the text of its document: itself, the document with its
   * lease timestamps, and its entry in the index of recent changes.
   */
  static final int OVERHEAD_BYTES = 320;

  private static final int OBJECT_BYTES = 64;

  private final long version;
  private final long atNs;
  private final Cause cause;
  private final Origin origin;
  private final int slot;
  private final InstanceInfo document;
  private final @Nullable InstanceStatus override;

  /** Estimated bytes of all changes of the log up to and including this one. */
  private final long endBytes;

  private volatile @Nullable Change next;

  Change(
      long version,
      long atNs,
      Cause cause,
      Origin origin,
      int slot,
      InstanceInfo document,
      @Nullable InstanceStatus override,
      long startBytes) {
    this.version = version;
    this.atNs = atNs;
    this.cause = cause;
    this.origin = origin;
    this.slot = slot;
    this.document = document;
    this.override = override;
    this.endBytes = startBytes + sizeBytes(cause, document);
  }

  /** Returns the empty change that precedes the first one of a log. */
  static Change sentinel(long version, long atNs) {
    InstanceInfo nothing = InstanceInfo.builder().app("").build();
    return new Change(version, atNs, Cause.AMENDMENT, Origin.NODE, -1, nothing, null, 0);
  }

  /** Returns the position in the order; versions are consecutive. */
  public long version() {
    return version;
  }

  /** Returns the time of the change, monotonic. */
  public long atNs() {
    return atNs;
  }

  public Cause cause() {
    return cause;
  }

  /** Returns the requester. */
  public Origin origin() {
    return origin;
  }

  /**
   * Returns the slot of the lease. No other lease has it before this one is removed; afterwards it
   * is reused.
   */
  public int slot() {
    return slot;
  }

  /** Returns the instance after the change, with its lease timestamps as of that change. */
  public InstanceInfo document() {
    return document;
  }

  /** Returns the status override after the change, or null. */
  public @Nullable InstanceStatus override() {
    return override;
  }

  /** Returns whether the change removed the instance. */
  public boolean isRemoval() {
    return document.actionType() == ActionType.DELETED;
  }

  /** A restored lease shares its document, and deltas never contain it. */
  private static int sizeBytes(Cause cause, InstanceInfo document) {
    return cause == Cause.RESTORATION ? OBJECT_BYTES : OVERHEAD_BYTES + document.sizeBytes();
  }

  /** Returns the estimated bytes of the changes after an earlier one, up to this one. */
  public long bytesSince(Change earlier) {
    return endBytes - earlier.endBytes;
  }

  /** Returns the estimated bytes of all changes from the start of the log up to this one. */
  long endBytes() {
    return endBytes;
  }

  /** Returns whether the change was made more than {@code ageMs} ago. */
  boolean isOlderThan(long ageMs, long nowNs) {
    return nowNs - atNs > TimeUnit.MILLISECONDS.toNanos(ageMs);
  }

  /** Returns the following change, or null while there is none. */
  public @Nullable Change next() {
    return next;
  }

  void linkNext(Change following) {
    next = following;
  }
}
