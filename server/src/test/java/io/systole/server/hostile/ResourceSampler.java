// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Measures the resources of a node, by {@code jcmd}, {@code /metrics} and Linux' {@code /proc}. */
final class ResourceSampler {
  private static final int KIB = 1024;
  private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB$");
  private static final Pattern THREADS = Pattern.compile("(?m)^Threads:\\s+(\\d+)$");

  private final AttackedNode node;

  ResourceSampler(AttackedNode node) {
    this.node = node;
  }

  /** Returns the present use after a full collection, which pauses the node. */
  Map<ProcessResource, Long> collected() throws IOException, InterruptedException {
    long heapBytes = node.liveHeapKib() * KIB;
    Map<ProcessResource, Long> sample = uncollected();
    sample.put(ProcessResource.LIVE_HEAP, heapBytes);
    return sample;
  }

  /** Returns the present use but for the live heap. */
  Map<ProcessResource, Long> uncollected() throws IOException, InterruptedException {
    Map<ProcessResource, Long> sample = new EnumMap<>(ProcessResource.class);
    Path proc = Path.of("/proc", Long.toString(node.pid()));
    String status = Files.readString(proc.resolve("status"));
    sample.put(ProcessResource.RESIDENT, find(RESIDENT, status) * KIB);
    sample.put(ProcessResource.THREADS, find(THREADS, status));
    try (Stream<Path> descriptors = Files.list(proc.resolve("fd"))) {
      sample.put(ProcessResource.DESCRIPTORS, descriptors.count());
    }
    String metrics = node.metrics();
    sample.put(
        ProcessResource.JVM_DIRECT, metric(metrics, "jvm_buffer_memory_used_bytes{id=\"direct\"}"));
    sample.put(
        ProcessResource.NETTY_DIRECT,
        metric(metrics, "systole_net_buffers_bytes{memory=\"direct\"}"));
    sample.put(ProcessResource.DATA_DIRECTORY, bytesIn(node.data()));
    return sample;
  }

  /** Returns the number of open connections, event streams and polls. */
  long openCount() throws InterruptedException {
    String metrics = node.metrics();
    return metric(metrics, "systole_net_connections")
        + metric(metrics, "systole_events_streams")
        + metric(metrics, "systole_events_polls");
  }

  private static long metric(String metrics, String nameAndTags) {
    Pattern line = Pattern.compile("(?m)^" + Pattern.quote(nameAndTags) + " (\\S+)$");
    Matcher found = line.matcher(metrics);
    if (!found.find()) {
      throw new IllegalStateException("no metric " + nameAndTags);
    }
    return (long) Double.parseDouble(found.group(1));
  }

  private static long find(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    if (!found.find()) {
      throw new IllegalStateException("no " + pattern + " in " + text);
    }
    return Long.parseLong(found.group(1));
  }

  private static long bytesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .mapToLong(ResourceSampler::sizeOf)
          .sum();
    }
  }

  /** Returns the size of a file, 0 if the node has deleted it meanwhile. */
  private static long sizeOf(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException deleted) {
      return 0;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
