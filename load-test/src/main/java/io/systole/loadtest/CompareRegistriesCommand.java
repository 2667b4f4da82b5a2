// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.consistency.ConsistencyCheck;
import io.systole.loadtest.consistency.ConsistencyReport;
import io.systole.loadtest.consistency.ConsistencyText;
import io.systole.loadtest.report.ReportJson;
import io.systole.loadtest.runner.LoadTestException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code compare-registries} command: the instances that are not the same at all servers. */
@Command(
    name = "compare-registries",
    description = "Compares the registries of two or more servers, instance by instance, and"
        + " prints the differences.",
    mixinStandardHelpOptions = true)
final class CompareRegistriesCommand implements Callable<Integer> {
  private static final int DIFFERENCES_MAX = 1_000_000;
  private static final double MS_PER_SEC = 1e3;

  /** The shortest pause between two attempts; a longer attempt is followed by as long a pause. */
  private static final long PAUSE_MS_MIN = 200;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Parameters(
      arity = "2..*",
      paramLabel = "URL",
      converter = ServiceUrl.class,
      description = "Service URLs of the servers, e.g. http://127.0.0.1:8761/v2; 2..26.")
  private List<URI> services = new ArrayList<>();

  @Option(
      names = "--max-differences",
      defaultValue = "100",
      paramLabel = "N",
      description = "Maximum instances that are printed and written, 0..1000000; all are counted."
          + " Default: ${DEFAULT-VALUE}.")
  private int differencesMax;

  @Option(
      names = "--wait",
      defaultValue = "0",
      converter = TimeText.Seconds.class,
      paramLabel = "T",
      description = "Compare again until the registries are equal, for this time at most; until"
          + " then servers that cannot be read are tried again too. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Double waitSecs;

  @Mixin
  private final JsonOption json = new JsonOption();

  @Override
  public Integer call() throws LoadTestException, InterruptedException {
    if (differencesMax < 0 || differencesMax > DIFFERENCES_MAX) {
      throw new ParameterException(
          command.commandLine(),
          "--max-differences must be within 0.." + DIFFERENCES_MAX + ", got " + differencesMax);
    }
    ConsistencyCheck check = CommandRunner.checked(command, () -> new ConsistencyCheck(services));
    services.forEach(service -> CommandRunner.printHint(command, service));
    ConsistencyReport report = compare(check);
    var out = command.commandLine().getOut();
    out.print(ConsistencyText.of(report));
    return CommandRunner.outcome(
        command,
        report.isConsistent(),
        report.outcome(),
        () -> OutputOptions.write(json.file(), ReportJson.write(report), out));
  }

  /** Returns the first comparison without differences, or the last one of the waiting time. */
  private ConsistencyReport compare(ConsistencyCheck check)
      throws LoadTestException, InterruptedException {
    long startNs = System.nanoTime();
    long waitNs = Math.round(waitSecs * MS_PER_SEC) * TimeUnit.MILLISECONDS.toNanos(1);
    boolean isLast = waitNs == 0;
    while (true) {
      long attemptNs = System.nanoTime();
      try {
        ConsistencyReport report = check.run(differencesMax);
        if (report.isConsistent() || isLast) {
          return report;
        }
      } catch (IOException e) {
        if (isLast) {
          throw new LoadTestException(String.valueOf(e.getMessage()));
        }
      }
      long nowNs = System.nanoTime();
      long pauseNs = Math.max(TimeUnit.MILLISECONDS.toNanos(PAUSE_MS_MIN), nowNs - attemptNs);
      // The last attempt begins when the time is over.
      TimeUnit.NANOSECONDS.sleep(Math.max(0, Math.min(pauseNs, startNs + waitNs - nowNs)));
      isLast = System.nanoTime() - startNs >= waitNs;
    }
  }
}
