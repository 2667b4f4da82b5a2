// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.systole.client.api.TlsFiles;
import io.systole.client.net.PemFiles;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.InvalidOptionException;
import io.systole.server.config.ServerConfig;
import io.systole.server.net.ListenAddress;
import io.systole.server.tls.TlsSettings;
import io.systole.server.tls.TlsSettings.ClientCertificate;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
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

  /** The address that the health is read from: that of management, if there is one. */
  private record Target(InetSocketAddress address, @Nullable TlsSettings tls) {
    static Target of(ServerConfig config) throws IOException {
      ListenAddress management = config.net().management();
      return management == null
          ? of(config.net().bind(), config.net().port(), config.security().tls())
          : of(management.host(), management.port(), config.security().managementTls());
    }

    private static Target of(String host, int port, @Nullable TlsSettings tls) throws IOException {
      if (port == 0) {
        throw new IOException("the port is chosen by the system; name one");
      }
      InetAddress bound = InetAddress.getByName(host);
      InetAddress reached = bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound;
      return new Target(new InetSocketAddress(reached, port), tls);
    }

    @Override
    public String toString() {
      return NodeUrl.of(address, tls != null) + "/health";
    }
  }

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
      Target target = Target.of(config);
      try (Socket socket = connect(target, config.peers().tls())) {
        String status = statusOf(socket);
        out.println(status + " from " + target);
        return status.equals(OK) ? 0 : UNHEALTHY;
      } catch (IOException failure) {
        out.println("no response from " + target + ": " + failure.getMessage());
      }
    } catch (IOException unusable) {
      out.println(unusable.getMessage());
    }
    return UNHEALTHY;
  }

  private static Socket connect(Target target, TlsFiles peers) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(target.address(), TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      return target.tls() == null ? socket : encrypt(socket, target.tls(), peers);
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
  }

  /**
   * Begins TLS, with any certificate of the node: a check sends nothing secret, and a node is not
   * restarted for an expired certificate. Where clients present one, it is that for peers, else the
   * node's own.
   */
  private static Socket encrypt(Socket socket, TlsSettings settings, TlsFiles peers)
      throws IOException {
    SslContextBuilder builder = SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .trustManager(InsecureTrustManagerFactory.INSTANCE);
    if (settings.clientCertificate() != ClientCertificate.NONE) {
      Path certificates = peers.certificates();
      Path key = peers.key();
      PemFiles.Identity identity = certificates == null || key == null
          ? PemFiles.identity(settings.certificates(), settings.key())
          : PemFiles.identity(certificates, key);
      builder.keyManager(identity.key(), identity.chain());
    }
    SSLSocket encrypted = (SSLSocket) ((JdkSslContext) builder.build())
        .context()
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
