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
record Restart(String kill, String start) implements Action {
  static Restart of(Fields fields, Commands commands) {
    return new Restart(
        command(fields, "kill", commands.kill()), command(fields, "start", commands.start()));
  }

  private static String command(Fields fields, String name, @Nullable String given) {
    String written = fields.text(name, "");
    if (given == null && written.isEmpty()) {
      throw fields.bad(name, "is missing: give it here or by --restart-" + name);
    }
    return given == null ? written : given;
  }

  @Override
  public void play(Stage stage) throws InterruptedException {
    Recovery recovery = stage.recovery();
    try {
      Path output = Shell.output();
      stage.tell("restart: killing the target; what the commands say is in " + output);
      recovery.begin();
      stage.tell("restart: " + Shell.run("kill", kill, output));
      recovery.starting();
      stage.tell("restart: " + Shell.run("start", start, output));
    } catch (IOException e) {
      throw new IllegalStateException("cannot run the commands of a restart: " + e, e);
    }
  }
}
