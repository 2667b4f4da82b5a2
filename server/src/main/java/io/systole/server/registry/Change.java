// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One change of the registry, in the one order of all changes. Who stands at a change reads on by
 * {@link #next}; nothing is copied for readers, and a change nobody stands before is forgotten.
 */
public final class Change {
  /** What made a change. */
  public enum Cause {
    /** An instance registered, for the first time or again. */
    REGISTRATION,
    /** Its status, override or metadata was changed in place. */
    AMENDMENT,
    /** It ended its own lease. */
    CANCEL,
    /** Its lease had expired. */
    EVICTION,
    /**
     * An earlier run of the node held its lease, and this one goes on with it. Told to those who
     * follow every change; deltas begin after it.
     */
    RESTORATION
  }

  /**
   * An estimate of what a change takes beside the text of its document: itself, the document with
   * its lease stamps, and its entry in the index of recent changes.
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

  /** Estimated bytes of all changes of the log up to this one, this one included. */
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

  /** Stands before the first change of a log, and shows nothing. */
  static Change sentinel(long version, long atNs) {
    InstanceInfo nothing = InstanceInfo.builder().app("").build();
    return new Change(version, atNs, Cause.AMENDMENT, Origin.NODE, -1, nothing, null, 0);
  }

  /** Its place in the order: the next change has the next number. */
  public long version() {
    return version;
  }

  /** When it was made, monotonic. */
  public long atNs() {
    return atNs;
  }

  public Cause cause() {
    return cause;
  }

  /** Who asked for it. */
  public Origin origin() {
    return origin;
  }

  /**
   * The number of the lease. It belongs to no other until the change that removes this one, and may
   * be another's after that.
   */
  public int slot() {
    return slot;
  }

  /** The instance as it was after the change, with the stamps of its lease at that moment. */
  public InstanceInfo document() {
    return document;
  }

  /** The status an operator insists on after the change; null when nobody does. */
  public @Nullable InstanceStatus override() {
    return override;
  }

  /** Whether the instance is gone. */
  public boolean isRemoval() {
    return document.actionType() == ActionType.DELETED;
  }

  /** A restored lease holds the same document, and deltas never tell of it. */
  private static int sizeBytes(Cause cause, InstanceInfo document) {
    return cause == Cause.RESTORATION ? OBJECT_BYTES : OVERHEAD_BYTES + document.sizeBytes();
  }

  /** The estimated bytes of the changes that follow an earlier one, up to this one. */
  public long bytesSince(Change earlier) {
    return endBytes - earlier.endBytes;
  }

  /** The estimated bytes of all changes up to this one, counted from the start of the log. */
  long endBytes() {
    return endBytes;
  }

  /** Whether it was made longer ago than that. */
  boolean isOlderThan(long ageMs, long nowNs) {
    return nowNs - atNs > TimeUnit.MILLISECONDS.toNanos(ageMs);
  }

  /** The change that followed; null while there is none. */
  public @Nullable Change next() {
    return next;
  }

  void linkNext(Change following) {
    next = following;
  }
}
