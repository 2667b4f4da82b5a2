// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.systole.server.cli.LocalNode;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.InvalidOptionException;
import io.systole.server.config.ServerConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The subcommand {@code systole health}, which checks the node that runs on this machine with the
 * same configuration. Exit codes: 0 healthy, 1 not, 2 an invalid configuration or argument.
 */
final class HealthCommand {
  static final int UNHEALTHY = 1;

  /** Supervisors end a check sooner. */
  private static final int TIMEOUT_MS = 30_000;

  private static final byte[] REQUEST =
      "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(US_ASCII);

  private static final String VERSION = "HTTP/1.1 ";
  private static final String OK = "200";

  private HealthCommand() {}

  /** Checks the node that the arguments, the environment and the file describe. */
  static int run(
      List<String> arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    CommandLine commandLine = new CommandLine(NodeArguments.command(
        "systole health",
        "Exits with 0 if the node that runs on this machine with the same configuration responds"
            + " with 200 at /health, else with 1 and the reason."));
    commandLine.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    try {
      ParseResult parsed = commandLine.parseArgs(arguments.toArray(String[]::new));
      if (CommandLine.printHelpIfRequested(parsed)) {
        return 0;
      }
      return check(ConfigParser.read(NodeArguments.flags(parsed), environment), out);
    } catch (ParameterException | InvalidOptionException refusal) {
      NodeArguments.printRefusal(refusal, err);
      return NodeArguments.BAD_USAGE;
    }
  }

  private static int check(ServerConfig config, PrintStream out) {
    try {
      LocalNode node = LocalNode.of(config);
      String url = node.url() + "/health";
      try (Socket socket = connect(node)) {
        String status = statusOf(socket);
        out.println(status + " from " + url);
        return status.equals(OK) ? 0 : UNHEALTHY;
      } catch (IOException failure) {
        out.println("no response from " + url + ": " + failure.getMessage());
      }
    } catch (IOException unusable) {
      out.println(unusable.getMessage());
    }
    return UNHEALTHY;
  }

  private static Socket connect(LocalNode node) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(node.address(), TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      return node.isTls() ? encrypt(socket, node) : socket;
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
  }

  /**
   * Begins TLS, with any certificate of the node: a check sends nothing secret, and a node is not
   * restarted for an expired certificate.
   */
  private static Socket encrypt(Socket socket, LocalNode node) throws IOException {
    SSLSocket encrypted = (SSLSocket) node.sslContext(InsecureTrustManagerFactory.INSTANCE)
        .getSocketFactory()
        .createSocket(socket, "localhost", socket.getPort(), true);
    encrypted.startHandshake();
    return encrypted;
  }

  /** Returns the status code of the response. */
  private static String statusOf(Socket socket) throws IOException {
    socket.getOutputStream().write(REQUEST);
    byte[] line = socket.getInputStream().readNBytes(VERSION.length() + OK.length());
    String text = new String(line, US_ASCII);
    if (line.length < VERSION.length() + OK.length() || !text.startsWith(VERSION)) {
      throw new IOException("not HTTP");
    }
    return text.substring(VERSION.length());
  }
}
