// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.systole.server.metrics.OpenFiles;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Publishes the build, the process and its JVM. */
public final class ProcessMetrics implements MeterBinder, AutoCloseable {
  /** Micrometer's name of the CPU time, in nanoseconds; published in seconds instead. */
  static final String CPU_TIME_NS = "process.cpu.time";

  private static final String UNKNOWN = "unknown";

  private final String version;
  private final String revision;
  private final OpenFiles openFiles;
  private final JvmGcMetrics gc = new JvmGcMetrics();

  /** @param revision the commit of the build; null if unknown */
  public ProcessMetrics(String version, @Nullable String revision, OpenFiles openFiles) {
    this.version = version;
    this.revision = revision == null ? UNKNOWN : revision;
    this.openFiles = openFiles;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    Gauge.builder("systole.build.info", () -> 1)
        .tag("version", version)
        .tag("revision", revision)
        .tag("java", Runtime.version().toString())
        .description("1, with the build of the node as labels")
        .register(meters);
    bindCpuTime(meters);
    bindOpenFiles(meters);
    new JvmMemoryMetrics().bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    new ProcessorMetrics().bindTo(meters);
    new UptimeMetrics().bindTo(meters);
    gc.bindTo(meters);
  }

  private static void bindCpuTime(MeterRegistry meters) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      FunctionCounter.builder(
              "process.cpu",
              system,
              s -> s.getProcessCpuTime() / (double) TimeUnit.SECONDS.toNanos(1))
          .baseUnit("seconds")
          .description("CPU time of the process")
          .register(meters);
    }
  }

  private void bindOpenFiles(MeterRegistry meters) {
    Gauge.builder("process.files.open", () -> known(openFiles.count()))
        .baseUnit("files")
        .description("Open files, sockets included")
        .register(meters);
    Gauge.builder("process.files.max", () -> known(OpenFiles.max()))
        .baseUnit("files")
        .description("Limit of open files")
        .register(meters);
  }

  private static double known(long files) {
    return files == OpenFiles.UNKNOWN ? Double.NaN : files;
  }

  @Override
  public void close() {
    gc.close();
  }
}
