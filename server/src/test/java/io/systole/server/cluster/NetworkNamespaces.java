// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.abort;

import io.systole.server.ExternalPrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A network of Linux for each member, which a test can part. Needs {@code ip} and the permission to
 * make networks, which even a build server may lack; a test without the permission is aborted, and
 * says so in its output, which {@code .ci/run} repeats.
 *
 * <pre>
 *   test --- 198.18.x.(4i+1) - 198.18.x.(4i+2) --- member i
 *   member i --- 198.19.0.(i+1) --- bridge "one" or "two", in a network of their own
 * </pre>
 */
final class NetworkNamespaces implements AutoCloseable {
  /** Locked by tests that make networks, whose names differ between processes only. */
  static final String NETWORKS = "networks of Linux";

  /** Names of devices have 15 characters at most. */
  private static final int SUFFIXES = 100_000;

  private static final int NETS = 256;

  private final Path ip;
  private final int count;
  private final String suffix = Long.toString(ProcessHandle.current().pid() % SUFFIXES);
  private final String switchName = "sys-sw-" + suffix;
  private final List<MemberAddress> addresses = new ArrayList<>();

  /** Makes the networks of a number of members, which all reach each other. */
  NetworkNamespaces(int count) throws IOException, InterruptedException {
    this.count = count;
    ip = ExternalPrograms.find("ip");
    // An earlier test with the same process id may have left some.
    close();
    String refusal = run("netns", "add", switchName);
    if (!refusal.isEmpty()) {
      String reason = "NOT tried: a partition, since networks can't be made here: " + refusal;
      System.out.println("!!! " + reason);
      abort(reason);
    }
    try {
      for (String bridge : List.of("one", "two")) {
        require("-n", switchName, "link", "add", bridge, "type", "bridge");
        require("-n", switchName, "link", "set", bridge, "up");
      }
      for (int i = 0; i < count; i++) {
        addresses.add(connect(i));
      }
    } catch (IOException failure) {
      close();
      throw failure;
    }
  }

  private static String netOf(long pid) {
    return "198.18." + pid % NETS + ".";
  }

  private String namespace(int index) {
    return "sys-" + index + "-" + suffix;
  }

  private MemberAddress connect(int index) throws IOException, InterruptedException {
    String namespace = namespace(index);
    String outside = namespace;
    String net = netOf(ProcessHandle.current().pid());
    String host = net + (4 * index + 2);
    String clusterHost = "198.19.0." + (index + 1);
    require("netns", "add", namespace);
    require("-n", namespace, "link", "set", "lo", "up");
    require("link", "add", outside, "type", "veth", "peer", "name", "clients", "netns", namespace);
    require("addr", "add", net + (4 * index + 1) + "/30", "dev", outside);
    require("link", "set", outside, "up");
    require("-n", namespace, "addr", "add", host + "/30", "dev", "clients");
    require("-n", namespace, "link", "set", "clients", "up");
    require(
        "-n",
        namespace,
        "link",
        "add",
        "members",
        "type",
        "veth",
        "peer",
        "name",
        port(index),
        "netns",
        switchName);
    require("-n", namespace, "addr", "add", clusterHost + "/24", "dev", "members");
    require("-n", namespace, "link", "set", "members", "up");
    require("-n", switchName, "link", "set", port(index), "master", "one");
    require("-n", switchName, "link", "set", port(index), "up");
    return new MemberAddress(host, clusterHost, List.of(ip.toString(), "netns", "exec", namespace));
  }

  private static String port(int index) {
    return "port" + index;
  }

  List<MemberAddress> addresses() {
    return addresses;
  }

  /** Lets no packet pass between these members and the others. */
  void part(Set<Integer> side) throws IOException, InterruptedException {
    for (int i = 0; i < addresses.size(); i++) {
      String bridge = side.contains(i) ? "two" : "one";
      require("-n", switchName, "link", "set", port(i), "master", bridge);
    }
  }

  /** Lets all packets pass again. */
  void heal() throws IOException, InterruptedException {
    part(Set.of());
  }

  private void require(String... arguments) throws IOException, InterruptedException {
    String failure = run(arguments);
    if (!failure.isEmpty()) {
      throw new IOException("ip " + String.join(" ", arguments) + ": " + failure);
    }
  }

  /** Returns the message of a failure; empty if there was none. */
  private String run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(ip.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    int status = process.waitFor();
    return status == 0 ? "" : "exit code " + status + " " + output.strip();
  }

  /** Removes the networks. */
  @Override
  public void close() throws IOException {
    try {
      for (int i = 0; i < count; i++) {
        run("link", "delete", namespace(i));
        run("netns", "delete", namespace(i));
      }
      run("netns", "delete", switchName);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
