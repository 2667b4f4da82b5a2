// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.heap;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.openjdk.jol.info.ClassLayout;
import org.openjdk.jol.info.FieldLayout;

/**
 * Prints the layout of a lease in this JVM, and the number of cache lines that its readers touch.
 *
 * <p>With a million leases nearly every line is a cache miss. If the fields of a renewal by handle
 * were further apart than 24 bytes, more of these renewals would wait for two lines than for one.
 */
public final class LeaseLayout {
  private static final String LEASE = "io.systole.server.registry.Lease";
  private static final int LINE_BYTES = 64;
  private static final long ALIGNMENT_BYTES = 8;

  /** A reader of leases. */
  enum Reader {
    /** Compares the key, with all of its bytes in the lease, then renews. */
    HEARTBEAT(
        "length",
        "w0",
        "w1",
        "w2",
        "w3",
        "w4",
        "w5",
        "appLength",
        "hash",
        "slot",
        "dirtyMs",
        "deadlineNs",
        "durationSecs",
        "durationsPerRenewal",
        "renewAction"),
    /** Renews a lease of a frame, which is found by its slot. */
    RENEWAL_BY_HANDLE("deadlineNs", "durationSecs", "durationsPerRenewal", "renewAction");

    @SuppressWarnings("ImmutableEnumChecker") // Set.of
    private final Set<String> fields;

    Reader(String... fields) {
      this.fields = Set.of(fields);
    }
  }

  private final ClassLayout layout;

  /** Determines the layout in this JVM. */
  LeaseLayout() {
    try {
      this.layout = ClassLayout.parseClass(Class.forName(LEASE));
    } catch (ClassNotFoundException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Prints the layout. */
  public static void main(String[] args) {
    new LeaseLayout().print(System.out);
  }

  private void print(PrintStream out) {
    out.println(layout.toPrintable());
    out.printf("%-18s %6s %12s%n", "", "bytes", "cache lines");
    for (Reader reader : Reader.values()) {
      out.printf("%-18s %6d %12.2f%n", reader, bytes(reader), cacheLines(reader));
    }
  }

  /** Returns the size of a lease, in bytes. */
  long size() {
    return layout.instanceSize();
  }

  /** Returns the distance from the first byte that is read to the last, in bytes. */
  long bytes(Reader reader) {
    return end(reader) - start(reader);
  }

  /** Returns the mean number of lines that are read, over the possible alignments of a lease. */
  double cacheLines(Reader reader) {
    return LongStream.range(0, LINE_BYTES / ALIGNMENT_BYTES)
        .map(i -> i * ALIGNMENT_BYTES)
        .map(at -> (at + end(reader) - 1) / LINE_BYTES - (at + start(reader)) / LINE_BYTES + 1)
        .average()
        .orElseThrow();
  }

  private long start(Reader reader) {
    return fieldsOf(reader).first().offset();
  }

  private long end(Reader reader) {
    FieldLayout last = fieldsOf(reader).last();
    return last.offset() + last.size();
  }

  private SortedSet<FieldLayout> fieldsOf(Reader reader) {
    SortedSet<FieldLayout> found = new TreeSet<>(Comparator.comparingLong(FieldLayout::offset));
    for (FieldLayout field : layout.fields()) {
      if (reader.fields.contains(field.name())) {
        found.add(field);
      }
    }
    if (found.size() != reader.fields.size()) {
      throw new IllegalStateException("fields of " + reader + " found: " + found);
    }
    return found;
  }
}
