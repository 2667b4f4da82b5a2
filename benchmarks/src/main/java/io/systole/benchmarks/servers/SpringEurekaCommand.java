// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Command that prints the command line of the stock server, one argument a line, and builds the
 * server if necessary. The launcher then execs it, so the pid is that of the server.
 */
@Command(
    name = "stock",
    description = "Starts the Spring Cloud Eureka server on loopback, in the foreground.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class SpringEurekaCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(names = "--root", required = true, hidden = true, description = "The checkout.")
  private Path root;

  @Option(names = "--port", defaultValue = "8761", description = "Default ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--fresh",
      description = "Without the read-only response cache; else responses may be 30 s old.")
  private boolean isFresh;

  /** Runs the command line. Exit codes: 0 printed, 1 failed, 2 usage error. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new SpringEurekaCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ServerUnderTest server = isFresh ? ServerUnderTest.STOCK_FRESH : ServerUnderTest.STOCK;
    ServerUnderTest.build(root, List.of(server));
    CommandLine command = spec.commandLine();
    command.getErr().println("stock server: http://127.0.0.1:" + port + server.prefix());
    server.command(root, port).forEach(command.getOut()::println);
    return 0;
  }
}
