// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import java.util.concurrent.atomic.AtomicLong;

/** The counters of {@link MirrorState}. Written by the mirror's thread, read by any. */
final class MirrorCounters {
  final AtomicLong fulls = new AtomicLong();
  final AtomicLong deltas = new AtomicLong();
  final AtomicLong events = new AtomicLong();
  final AtomicLong unchanged = new AtomicLong();
  final AtomicLong mismatches = new AtomicLong();
  final AtomicLong massLosses = new AtomicLong();
  final AtomicLong failures = new AtomicLong();
  final AtomicLong streamLosses = new AtomicLong();
  final AtomicLong listenerFailures = new AtomicLong();
}
