// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A stub of a node with fixed responses, and a terminal that commands run on. */
final class CommandFixture implements AutoCloseable {
  private record StubResponse(int status, String body) {}

  private final HttpServer node;
  private final Map<String, StubResponse> responses = new ConcurrentHashMap<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> terminalModes = new ArrayList<>();
  private int columns = 80;
  private boolean isInteractive;
  private InputStream in = InputStream.nullInputStream();

  CommandFixture() throws IOException {
    node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    node.createContext("/", this::respond);
    node.start();
  }

  private void respond(HttpExchange exchange) throws IOException {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    requests.add(request);
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    StubResponse response = responses.getOrDefault(request, new StubResponse(404, ""));
    byte[] body = response.body().getBytes(UTF_8);
    exchange.sendResponseHeaders(response.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Responds with a body in which a single quote stands for a double one. */
  CommandFixture on(String request, int status, String body) {
    responses.put(request, new StubResponse(status, body.replace('\'', '"')));
    return this;
  }

  CommandFixture on(String request, String body) {
    return on(request, 200, body);
  }

  CommandFixture columns(int width) {
    columns = width;
    return this;
  }

  /** Has commands find a terminal, with this input. */
  CommandFixture terminal(String input) {
    isInteractive = true;
    in = new ByteArrayInputStream(input.getBytes(UTF_8));
    return this;
  }

  String url() {
    return "http://127.0.0.1:" + node.getAddress().getPort();
  }

  /** Runs a command at the stub and returns the exit code. */
  int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--url", url()));
    return runLocally(all);
  }

  /** Runs a command without a URL. */
  int runLocally(List<String> arguments) {
    out.reset();
    err.reset();
    Terminal terminal = new Terminal(
        isInteractive,
        () -> new TerminalSize(columns, 24),
        () -> {
          terminalModes.add("unbuffered");
          return () -> terminalModes.add("restored");
        },
        in,
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8));
    return OperatorCommands.run(arguments, new CommandContext(environment, terminal));
  }

  /** Returns the output, with the URL of the stub replaced by {@code URL}. */
  String out() {
    return out.toString(UTF_8).replace("\r\n", "\n").replace(url(), "URL");
  }

  String err() {
    return err.toString(UTF_8).replace("\r\n", "\n").replace(url(), "URL");
  }

  List<String> requests() {
    return requests;
  }

  List<String> authorizations() {
    return authorizations;
  }

  List<String> terminalModes() {
    return terminalModes;
  }

  Map<String, String> environment() {
    return environment;
  }

  @Override
  public void close() {
    node.stop(0);
  }
}
