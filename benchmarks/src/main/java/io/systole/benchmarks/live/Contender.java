// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.live;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A server that can be measured; each is started by the same JDK, with the same JVM options. */
enum Contender {
  /** Ours, by its own launcher. */
  SYSTOLE,
  /** Netty's HTTP codec and maps of strings, one flush an answer. */
  ORDINARY,
  /** The same, one flush a read. */
  ORDINARY_BATCHED,
  /** A constant for an answer. */
  BARE;

  private static final String BASELINES = "io.systole.benchmarks.baseline.";

  /** The name in options and tables. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** How to start it on {@code port}, from the checkout at {@code root}. */
  List<String> command(Path root, int port) {
    List<String> command = new ArrayList<>();
    if (this == SYSTOLE) {
      command.add(root.resolve("server/bin/systole").toString());
      command.addAll(List.of("--bind", "127.0.0.1"));
    } else {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(jvmOptions());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(BASELINES + (this == BARE ? "BareServer" : "OrdinaryServer"));
    }
    if (this == ORDINARY_BATCHED) {
      command.addAll(List.of("--flush", "read"));
    }
    command.addAll(List.of("--port", Integer.toString(port)));
    return command;
  }

  /** What the launcher of ours gives to the JVM as well. */
  private static List<String> jvmOptions() {
    int version = Runtime.version().feature();
    List<String> options = new ArrayList<>(List.of("-XX:+UseG1GC"));
    if (version >= 22) {
      options.add("--enable-native-access=ALL-UNNAMED");
    }
    if (version >= 23) {
      options.add("--sun-misc-unsafe-memory-access=allow");
    }
    String extra = System.getenv().getOrDefault("SYSTOLE_JAVA_OPTS", "").strip();
    if (!extra.isEmpty()) {
      options.addAll(List.of(extra.split("\\s+", -1)));
    }
    return options;
  }
}
