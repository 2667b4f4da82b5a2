// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import static org.awaitility.Awaitility.await;

import io.systole.server.NodeProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The node under attack: its process, its data directory, and an operator's actions. */
final class AttackedNode implements AutoCloseable {
  /** The options of the node's launcher, with a small heap. */
  private static final List<String> JVM_FLAGS =
      List.of("-Xmx512m", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError");

  /**
   * The configuration of a node.
   *
   * @param access for the requests of an operator
   * @param options in addition to the data directory
   */
  record Setup(ClientAccess access, List<String> jvmFlags, List<String> options) {
    /** A node without access control. */
    static final Setup OPEN = new Setup(ClientAccess.OPEN, JVM_FLAGS, List.of());
  }

  private static final Duration RESPONSE_MAX = Duration.ofSeconds(30);

  /** Seconds for which disconnected readers may hold quota: the write timeout and more. */
  private static final int REFUSALS_MAX = 45;

  /** Maximum time for a second node to fail, including its wait for the directory. */
  private static final long SECOND_SECONDS = 60;

  private static final Pattern USED_KIB = Pattern.compile("heap .* used (\\d+)K");
  private static final Pattern ERRORS =
      Pattern.compile("(?m)^(systole_(?:net_errors|cache_failures)_total) (\\S+)$");

  private final HttpClient http;
  private final Setup setup;
  private final Path data;
  private final Path log;
  private final Path secondLog;
  private final List<String> options;
  private final NodePort target;
  private final Findings findings;
  private @Nullable NodeProcess node;
  private @Nullable Process second;

  AttackedNode(Path folder, Setup setup, NodePort target, Findings findings) {
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(RESPONSE_MAX);
    if (setup.access().tls() != null) {
      builder.sslContext(setup.access().tls());
    }
    this.http = builder.build();
    this.setup = setup;
    this.data = folder.resolve("data");
    this.log = folder.resolve("node.log");
    this.secondLog = folder.resolve("second.log");
    this.options = Stream.concat(Stream.of("--data-dir", data.toString()), setup.options().stream())
        .toList();
    this.target = target;
    this.findings = findings;
  }

  void start() throws IOException, InterruptedException {
    long beganNs = System.nanoTime();
    NodeProcess started = NodeProcess.start(log, setup.jvmFlags(), options);
    node = started;
    target.moveTo(started.port());
    // A node that has exited is not attacked until it is restarted.
    started.process().onExit().thenRun(() -> target.leave(started.port()));
    findings.note("started in " + msSince(beganNs) + " ms");
  }

  /**
   * Kills the process.
   *
   * @return the time just before, monotonic
   */
  long kill() throws InterruptedException {
    target.goDown();
    long killedNs = System.nanoTime();
    process().destroyForcibly().waitFor();
    return killedNs;
  }

  /**
   * Ends the process by SIGTERM.
   *
   * @return the time that took, ms; at most {@code msMax}
   */
  long terminate(long msMax) throws InterruptedException {
    long beganNs = System.nanoTime();
    process().destroy();
    if (!process().waitFor(msMax, TimeUnit.MILLISECONDS)) {
      findings.add("not stopped " + msMax + " ms after SIGTERM");
    } else if (process().exitValue() != 0) {
      findings.add("stopped with exit code " + process().exitValue());
    }
    return msSince(beganNs);
  }

  /** Suspends the process by SIGSTOP and resumes it after a while. */
  void suspend(long ms) throws IOException, InterruptedException {
    String pid = Long.toString(process().pid());
    run("kill", "-STOP", pid);
    TimeUnit.MILLISECONDS.sleep(ms);
    run("kill", "-CONT", pid);
  }

  /** Makes the node read its configuration, certificates and credentials again. */
  void reload() throws IOException, InterruptedException {
    run("kill", "-HUP", Long.toString(process().pid()));
  }

  boolean hasEnded() {
    return !process().isAlive();
  }

  /** Waits for the process to exit; returns false after the timeout. */
  boolean awaitEnd(long ms) throws InterruptedException {
    return process().waitFor(ms, TimeUnit.MILLISECONDS);
  }

  int exitValue() {
    return process().exitValue();
  }

  /** Returns the used heap after a full collection; 0 when there is no process to inspect. */
  long liveHeapKib() throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    String pid = Long.toString(process().pid());
    run(jcmd, pid, "GC.run");
    Matcher used = USED_KIB.matcher(run(jcmd, pid, "GC.heap_info"));
    return used.find() ? Long.parseLong(used.group(1)) : 0;
  }

  long pid() {
    return process().pid();
  }

  Path data() {
    return data;
  }

  /** Returns the log of all its processes. */
  Path log() {
    return log;
  }

  // ---------------------------------------------------------------- a second node

  /** Starts another node on the same directory. */
  void startSecond(String when) throws IOException {
    findings.note(when + ": a second node is started on the same directory");
    second = NodeProcess.launch(secondLog, NodeProcess.SMALL_JVM, options);
  }

  void requireSecondRefused(String when) throws InterruptedException {
    Process process = second;
    if (process == null) {
      return;
    }
    if (!process.waitFor(SECOND_SECONDS, TimeUnit.SECONDS)) {
      findings.add(when + ": a second node runs on the same data directory");
      process.destroyForcibly().waitFor();
    } else if (process.exitValue() == 0) {
      findings.add(when + ": a second node on the same data directory ended with 0");
    }
  }

  // ---------------------------------------------------------------- requests

  /** Requires that the node's counters of internal errors are 0. */
  void requireNoDefects(String when) throws InterruptedException {
    Matcher errors = ERRORS.matcher(metrics());
    while (errors.find()) {
      if (Double.parseDouble(errors.group(2)) > 0) {
        findings.add(when + ": " + errors.group());
      }
    }
  }

  /** Requires that the node responds to every kind of read. */
  void requireServing() throws InterruptedException {
    String full = get(RequestBytes.BASE + "/apps", "\"applications\"");
    findings.note("full registry of " + full.length() / 1024 + " KiB");
    get(RequestBytes.BASE + "/apps/delta", "\"applications\"");
    metrics();
    get("/health", "UP");
  }

  /** Returns the text of {@code /metrics}. */
  String metrics() throws InterruptedException {
    return get("/metrics", "systole_registry_leases");
  }

  /** Returns the status of a request with other credentials than the operator's. */
  int statusWith(String authorization) throws IOException, InterruptedException {
    return http.send(
            request(RequestBytes.BASE + "/status", authorization), BodyHandlers.discarding())
        .statusCode();
  }

  private HttpRequest request(String path, String authorization) {
    HttpRequest.Builder request = HttpRequest.newBuilder(
            URI.create(setup.access().scheme() + "://127.0.0.1:" + target.port() + path))
        .timeout(RESPONSE_MAX)
        .header("Accept", "application/json");
    return authorization.isEmpty()
        ? request.build()
        : request.header("Authorization", authorization).build();
  }

  private String get(String path, String expected) throws InterruptedException {
    HttpRequest request = request(path, setup.access().authorization().get());
    for (int refusals = 0; ; refusals++) {
      try {
        var response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() == 503 && refusals < REFUSALS_MAX) {
          // Disconnected readers from this address still hold its quota of long responses.
          await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
          continue;
        }
        if (response.statusCode() != 200 || !response.body().contains(expected)) {
          findings.add("GET " + path + ": " + response.statusCode());
        }
        return response.body();
      } catch (IOException failure) {
        findings.add("GET " + path + ": " + failure);
        return "";
      }
    }
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream out = process.getInputStream()) {
      String output = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return output;
    }
  }

  private static long msSince(long beganNs) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs);
  }

  private Process process() {
    if (node == null) {
      throw new IllegalStateException("no node was started");
    }
    return node.process();
  }

  @Override
  public void close() {
    if (node != null) {
      node.close();
    }
    if (second != null) {
      second.destroyForcibly();
    }
  }
}
