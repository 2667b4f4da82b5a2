// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The target is killed and started again, by commands. How long it gave no answer and how long the
 * fleet felt it is watched from then on.
 *
 * @param kill for {@code sh -c}; returns when the target is gone
 * @param start for {@code sh -c}; returns while the target runs on
 */
record RestartTarget(String kill, String start) implements ScenarioAction {
  static RestartTarget of(YamlFields fields, RestartCommands commands) {
    return new RestartTarget(
        command(fields, "kill", commands.kill()), command(fields, "start", commands.start()));
  }

  private static String command(YamlFields fields, String name, @Nullable String override) {
    String inScenario = fields.text(name, "");
    if (override == null && inScenario.isEmpty()) {
      throw fields.error(name, "is missing: give it here or by --restart-" + name);
    }
    return override == null ? inScenario : override;
  }

  @Override
  public void run(ScenarioContext context) throws InterruptedException {
    RecoveryMonitor recovery = context.recovery();
    try {
      Path log = ShellCommands.createLog();
      context.recordEvent("restart: killing the target; what the commands say is in " + log);
      recovery.onKill();
      context.recordEvent("restart: " + ShellCommands.run("kill", kill, log));
      recovery.onStart();
      context.recordEvent("restart: " + ShellCommands.run("start", start, log));
    } catch (IOException e) {
      throw new IllegalStateException("cannot run the commands of a restart: " + e, e);
    }
  }
}
