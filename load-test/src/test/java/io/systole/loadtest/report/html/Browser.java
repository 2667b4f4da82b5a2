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

/** Chromium without a window, spoken to by its DevTools protocol. For one thread. */
final class Browser implements AutoCloseable {
  private static final long WAIT_SECS = 60;
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://([^/]+)/");

  private final JsonMapper json = JsonMapper.shared();
  private final HttpClient http = HttpClient.newHttpClient();
  private final BlockingQueue<JsonNode> said = new LinkedBlockingQueue<>();
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
      throw new IOException("no word with the browser: " + Files.readString(log), e);
    }
  }

  /**
   * Where a program is. Without it the test is left out, and says so; but a build server, which
   * says {@code CI=true}, is set up wrongly then, and the test fails.
   */
  private static Path find(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(path)
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseGet(
            () -> refuse("the page was NOT looked at: there is no " + name + " on the PATH"));
  }

  private static Path refuse(String reason) {
    System.out.println("!!! " + reason);
    return Boolean.parseBoolean(System.getenv("CI")) ? fail(reason) : abort(reason);
  }

  /** Waits until the browser has said where it listens; gives the address of its only page. */
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
    throw new IOException("it doesn't listen");
  }

  /** Joins the pieces of each message. */
  private final class Listener implements WebSocket.Listener {
    private final StringBuilder segments = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(
        WebSocket socket, CharSequence segment, boolean last) {
      segments.append(segment);
      if (last) {
        said.add(json.readTree(segments.toString()));
        segments.setLength(0);
      }
      socket.request(1);
      return null;
    }
  }

  /** Makes the page so wide, and its wishes for colours dark or light. */
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

  /**
   * Opens a file and waits until it has loaded and been drawn; what was heard before is forgotten.
   */
  void open(Path file) throws InterruptedException {
    events.clear();
    call("Page.navigate", Map.of("url", file.toUri().toString()));
    while (received("Page.loadEventFired").isEmpty()) {
      receive();
    }
    settle();
  }

  /** Waits until what has changed is on the screen. */
  void settle() throws InterruptedException {
    evaluate(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))");
  }

  /** Returns the value of an expression, or of what it promises. */
  JsonNode evaluate(String expression) throws InterruptedException {
    JsonNode result = call(
        "Runtime.evaluate",
        Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    assertThat(result.has("exceptionDetails")).as("%s", result).isFalse();
    return result.path("result").path("value");
  }

  /** Returns a picture of the whole page, a pixel for each of CSS. */
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

  /** Returns the events of that name since the file was opened. */
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
    JsonNode message = said.poll(WAIT_SECS, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("the browser has said nothing for " + WAIT_SECS + " s");
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
    // Its profile is in a folder that is deleted next.
    process.onExit().orTimeout(WAIT_SECS, TimeUnit.SECONDS).join();
  }
}
