// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.loadtest.drive.RoundsDriver;
import io.systole.loadtest.drive.Workload;
import io.systole.loadtest.drive.Workload.Mode;
import io.systole.loadtest.report.ReportJson;
import io.systole.loadtest.report.Rounds;
import io.systole.loadtest.report.RoundsText;
import io.systole.loadtest.report.html.Page;
import io.systole.loadtest.report.html.Side;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Two targets, in turn. */
@Command(
    name = "compare",
    description =
        "Drives two registries in turn, round by round, and says how they relate: at their"
            + " peak, or at --rate or --interval.",
    mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Parameters(index = "0", paramLabel = "A", description = "Service URL of the first registry.")
  @SuppressWarnings("NullAway.Init")
  private URI a;

  @Parameters(index = "1", paramLabel = "B", description = "Service URL of the second.")
  @SuppressWarnings("NullAway.Init")
  private URI b;

  @Option(names = "--pid-a", paramLabel = "P", description = "Process id of the first.")
  private @Nullable Long pidA;

  @Option(names = "--pid-b", paramLabel = "P", description = "Process id of the second.")
  private @Nullable Long pidB;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      paramLabel = "N",
      description = "Rounds of each; ${DEFAULT-VALUE} unless given.")
  private int rounds;

  @Mixin
  private final LoadOptions options = new LoadOptions();

  @Mixin
  private final RhythmOptions rhythm = new RhythmOptions();

  @Override
  public Integer call() throws Exception {
    RoundsDriver driver = Driving.checked(
        command,
        () -> new RoundsDriver(
            workload(a, pidA), workload(b, pidB), rounds, Driving.progress(command)));
    Interrupt interrupt = Interrupt.to(driver::endEarly);
    try {
      Rounds driven = driver.drive();
      command.commandLine().getOut().print(RoundsText.of(driven));
      write(driven);
      return driver.hasEnded()
          ? Driving.verdict(command, false, "ended early")
          : Driving.verdict(
              command,
              driven.passed(),
              driven.passed() ? "every beat of every round was answered 200" : driven.faults());
    } finally {
      interrupt.end();
    }
  }

  private Workload workload(URI target, @Nullable Long pid) {
    OptionalInt intervalMs = rhythm.intervalMs(options.fleet().instances());
    return options.workload(
        intervalMs.isPresent() ? Mode.RUN : Mode.PEAK,
        target,
        pid == null ? OptionalLong.empty() : OptionalLong.of(pid),
        intervalMs.orElse(RunCommand.USUAL_INTERVAL_MS));
  }

  private void write(Rounds driven) throws IOException {
    Path json = options.output().json();
    if (json != null) {
      Files.writeString(json, ReportJson.of(driven));
    }
    Path html = options.output().html();
    // Without a whole round there is nothing to draw.
    if (html != null && !driven.a().isEmpty()) {
      Files.write(html, Page.of(Side.of(driven)).getBytes(UTF_8));
    }
  }
}
