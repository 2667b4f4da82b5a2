// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A headless Chromium controlled by the DevTools protocol. Not thread-safe. */
final class Browser implements AutoCloseable {
  private static final long WAIT_SECS = 60;
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://([^/]+)/");

  private final JsonMapper json = JsonMapper.shared();
  private final HttpClient http = HttpClient.newHttpClient();
  private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
  private final List<JsonNode> events = new ArrayList<>();
  private final Process process;
  private final WebSocket page;
  private int lastId;

  Browser(Path folder) throws IOException, InterruptedException {
    Path log = folder.resolve("browser.log");
    process = new ProcessBuilder(
            find("chromium").toString(),
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--remote-debugging-port=0",
            "--remote-allow-origins=*",
            "--user-data-dir=" + folder.resolve("profile"),
            "about:blank")
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(log.toFile())
        .start();
    try {
      page = http.newWebSocketBuilder()
          .buildAsync(URI.create(pageAddress(log)), new Listener())
          .get(WAIT_SECS, TimeUnit.SECONDS);
      for (String domain : List.of("Runtime", "Log", "Network", "Page")) {
        call(domain + ".enable", Map.of());
      }
    } catch (Exception e) {
      process.destroyForcibly();
      throw new IOException("cannot connect to the browser: " + Files.readString(log), e);
    }
  }

  /**
   * Returns the path of a program. Without it the test is aborted; with {@code CI=true} it fails.
   */
  private static Path find(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(path)
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseGet(() -> skip("the page was NOT tested: no " + name + " on the PATH"));
  }

  private static Path skip(String reason) {
    System.out.println("!!! " + reason);
    return Boolean.parseBoolean(System.getenv("CI")) ? fail(reason) : abort(reason);
  }

  /** Waits until the browser listens; returns the address of its only page. */
  private String pageAddress(Path log) throws IOException, InterruptedException {
    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECS);
    while (System.nanoTime() < endNs && process.isAlive()) {
      var listening = LISTENING.matcher(Files.readString(log));
      if (listening.find()) {
        String list = http.send(
                HttpRequest.newBuilder(URI.create("http://" + listening.group(1) + "/json/list"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
        for (JsonNode target : json.readTree(list)) {
          if (target.path("type").asString().equals("page")) {
            return target.path("webSocketDebuggerUrl").asString();
          }
        }
      }
      process.waitFor(50, TimeUnit.MILLISECONDS);
    }
    throw new IOException("the browser does not listen");
  }

  /** Joins the fragments of each message. */
  private final class Listener implements WebSocket.Listener {
    private final StringBuilder fragments = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(
        WebSocket socket, CharSequence fragment, boolean last) {
      fragments.append(fragment);
      if (last) {
        messages.add(json.readTree(fragments.toString()));
        fragments.setLength(0);
      }
      socket.request(1);
      return null;
    }
  }

  /** Sets the width and the preferred colour scheme. */
  void screen(int widthPx, boolean isDark) throws InterruptedException {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", widthPx, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", isDark ? "dark" : "light"))));
  }

  /** Opens a file and waits until it is loaded and drawn; discards earlier events. */
  void open(Path file) throws InterruptedException {
    events.clear();
    call("Page.navigate", Map.of("url", file.toUri().toString()));
    while (received("Page.loadEventFired").isEmpty()) {
      receive();
    }
    settle();
  }

  /** Waits until changes are drawn. */
  void settle() throws InterruptedException {
    evaluate(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))");
  }

  /** Returns the value of an expression, or of its promise. */
  JsonNode evaluate(String expression) throws InterruptedException {
    JsonNode result = call(
        "Runtime.evaluate",
        Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    assertThat(result.has("exceptionDetails")).as("%s", result).isFalse();
    return result.path("result").path("value");
  }

  /** Returns a screenshot of the whole page, one pixel per CSS pixel. */
  byte[] screenshot() throws InterruptedException {
    JsonNode size =
        evaluate("({width: innerWidth, height: document.documentElement.scrollHeight})");
    Map<String, Object> clip = Map.of(
        "x",
        0,
        "y",
        0,
        "scale",
        1,
        "width",
        size.path("width").asInt(),
        "height",
        size.path("height").asInt());
    JsonNode shot =
        call("Page.captureScreenshot", Map.of("captureBeyondViewport", true, "clip", clip));
    return Base64.getDecoder().decode(shot.path("data").asString());
  }

  static BufferedImage image(byte[] png) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  byte[] pdf() throws InterruptedException {
    JsonNode printed = call("Page.printToPDF", Map.of("printBackground", false));
    return Base64.getDecoder().decode(printed.path("data").asString());
  }

  /** Returns the events of a name since the file was opened. */
  List<JsonNode> received(String method) {
    return events.stream()
        .filter(event -> event.path("method").asString().equals(method))
        .toList();
  }

  private JsonNode call(String method, Map<String, ?> params) throws InterruptedException {
    int id = ++lastId;
    page.sendText(
            json.writeValueAsString(Map.of("id", id, "method", method, "params", params)), true)
        .join();
    JsonNode message = receive();
    while (message.path("id").asInt(0) != id) {
      message = receive();
    }
    assertThat(message.has("error")).as("%s: %s", method, message).isFalse();
    return message.path("result");
  }

  private JsonNode receive() throws InterruptedException {
    JsonNode message = messages.poll(WAIT_SECS, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("no message from the browser for " + WAIT_SECS + " s");
    }
    if (message.has("method")) {
      events.add(message);
    }
    return message;
  }

  @Override
  public void close() {
    page.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    // The folder of its profile is deleted next.
    process.onExit().orTimeout(WAIT_SECS, TimeUnit.SECONDS).join();
  }
}
