// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.IOException;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A parser of {@code /proc/<pid>/status} and of the output of {@code jcmd} of JDK 17 to 25. */
final class JcmdParser {
  private static final int BYTES_PER_KB = 1024;

  /** {@code Total 782157 39145856}: instances, bytes. */
  private static final Pattern HISTOGRAM_TOTAL =
      Pattern.compile("^Total\\s+\\d+\\s+(\\d+)", Pattern.MULTILINE);

  /** {@code garbage-first heap total 109568K, used 78300K [0x...}; the first match is the heap. */
  private static final Pattern HEAP_USED = Pattern.compile("\\bused (\\d+)K");

  /** {@code - Other (reserved=8210KB, committed=8210KB)}: memory allocated by Unsafe. */
  private static final Pattern NATIVE_OTHER =
      Pattern.compile("^-\\s+Other \\(reserved=\\d+KB, committed=(\\d+)KB", Pattern.MULTILINE);

  private static final Pattern RESIDENT =
      Pattern.compile("^VmRSS:\\s+(\\d+) kB", Pattern.MULTILINE);

  private JcmdParser() {}

  /** Returns the bytes of all objects in a {@code GC.class_histogram}. */
  static long histogramBytes(String text) throws IOException {
    return number(HISTOGRAM_TOTAL, text, 1);
  }

  /** Returns the number of instances of a class in a {@code GC.class_histogram}, 0 if absent. */
  static long histogramCount(String text, String className) {
    Pattern row = Pattern.compile(
        "^\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+" + Pattern.quote(className) + "(\\s|$)",
        Pattern.MULTILINE);
    Matcher matcher = row.matcher(text);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }

  /** Returns the used bytes in a {@code GC.heap_info}. */
  static long heapUsedBytes(String text) throws IOException {
    return number(HEAP_USED, text, BYTES_PER_KB);
  }

  /** Returns the VmRSS in a {@code /proc/<pid>/status}, bytes. */
  static long residentBytes(String text) throws IOException {
    return number(RESIDENT, text, BYTES_PER_KB);
  }

  /**
   * Returns the bytes of direct memory in a {@code VM.native_memory summary}; empty if not tracked.
   */
  static OptionalLong directBytes(String text) throws IOException {
    if (text.contains("not enabled")) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(number(NATIVE_OTHER, text, BYTES_PER_KB));
  }

  private static long number(Pattern pattern, String text, long unit) throws IOException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      String shown = text.substring(0, Math.min(200, text.length())).strip();
      throw new IOException("expected " + pattern + " in: " + shown);
    }
    return Long.parseLong(matcher.group(1)) * unit;
  }
}
