// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.heap;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;

/**
 * Measures the heap that a registered document occupies and the CPU time of decoding it.
 *
 * <p>Held fixed: documents as Spring applications send them and servers stamp them, about 960 bytes
 * of JSON, 100 instances to an application; each is decoded from its own bytes and stamped as by a
 * registration. The second shape gives each instance distinct metadata, so that nothing of it can
 * be shared. Leases, keys and tables are not included.
 *
 * <p>The heap of a registry of a million instances follows from the first figure: above 450 bytes,
 * the model should store its text more compactly.
 */
public final class HeapPerDocument {
  private static final int INSTANCES = 100_000;
  private static final int BATCH = 1_000;
  private static final int WARM_UPS = 3;
  private static final int COLLECTIONS = 5;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final SpringDocuments documents;
  private final JsonCodec codec = new JsonCodec();
  private final InstanceInfo[] retained;

  private HeapPerDocument(SpringDocuments documents, int instances) {
    this.documents = documents;
    this.retained = new InstanceInfo[instances];
  }

  /** Runs the measurement. The optional argument is the number of instances. */
  public static void main(String[] args) throws MalformedDocumentException {
    int instances = args.length > 0 ? Integer.parseInt(args[0]) : INSTANCES;
    PrintStream out = System.out;
    out.printf(
        "JDK %s, %s%n",
        Runtime.version(), ManagementFactory.getRuntimeMXBean().getInputArguments());
    out.printf("%-14s %10s %12s %12s%n", "metadata", "JSON bytes", "heap bytes", "decode us");
    for (SpringDocuments documents : SpringDocuments.values()) {
      new HeapPerDocument(documents, instances).measure(out);
    }
  }

  private void measure(PrintStream out) throws MalformedDocumentException {
    for (int count = 0; count < WARM_UPS; count++) {
      fill(); // compiles the timed code and fills the tables of the codec
    }
    Arrays.fill(retained, null);
    long before = usedBytes();
    long cpuNs = fill();
    long after = usedBytes();
    out.printf(
        "%-14s %10d %12.0f %12.2f%n",
        documents,
        codec.encodeInstance(retained[retained.length / 2], Form.FULL).length,
        (double) (after - before) / retained.length,
        cpuNs / 1e3 / retained.length);
  }

  /** Decodes and stamps every document; returns the CPU time of that alone, ns. */
  private long fill() throws MalformedDocumentException {
    byte[][] bodies = new byte[Math.min(BATCH, retained.length)][];
    long cpuNs = 0;
    for (int from = 0; from < retained.length; from += bodies.length) {
      int count = Math.min(bodies.length, retained.length - from);
      for (int i = 0; i < count; i++) {
        bodies[i] = codec.encodeInstance(documents.document(from + i), Form.FULL);
      }
      long startNs = THREADS.getCurrentThreadCpuTime();
      for (int i = 0; i < count; i++) {
        retained[from + i] = registered(bodies[i]);
      }
      cpuNs += THREADS.getCurrentThreadCpuTime() - startNs;
    }
    return cpuNs;
  }

  private InstanceInfo registered(byte[] body) throws MalformedDocumentException {
    return codec.decodeInstance(body, 0, body.length, SpringDocuments.STAMP_MS).toBuilder()
        .actionType(ActionType.ADDED)
        .lastUpdatedMs(SpringDocuments.STAMP_MS)
        .build();
  }

  private static long usedBytes() {
    for (int count = 0; count < COLLECTIONS; count++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
