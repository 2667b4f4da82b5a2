// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
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
    EVICTION
  }

  private final long version;
  private final long atNs;
  private final Cause cause;
  private final int slot;
  private final InstanceInfo document;
  private volatile @Nullable Change next;

  Change(long version, long atNs, Cause cause, int slot, InstanceInfo document) {
    this.version = version;
    this.atNs = atNs;
    this.cause = cause;
    this.slot = slot;
    this.document = document;
  }

  /** Stands before the first change: version 0, which shows nothing. */
  static Change before(long atNs) {
    return new Change(
        0, atNs, Cause.AMENDMENT, -1, InstanceInfo.builder().app("").build());
  }

  /** Its place in the order, from 1. */
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

  /** Whether the instance is gone. */
  public boolean isRemoval() {
    return document.actionType() == ActionType.DELETED;
  }

  /** Whether it was made longer ago than that. */
  boolean isOlderThan(long ageMs, long nowNs) {
    return nowNs - atNs > TimeUnit.MILLISECONDS.toNanos(ageMs);
  }

  /** The change that followed; null while there is none. */
  public @Nullable Change next() {
    return next;
  }

  void follow(Change following) {
    next = following;
  }
}
