// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static io.systole.server.auth.Role.MANAGE;
import static io.systole.server.auth.Role.PEER;
import static io.systole.server.auth.Role.READ;
import static io.systole.server.auth.Role.REGISTER;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.systole.server.auth.Role;
import io.systole.server.net.LiveClient;
import io.systole.server.net.ParsedResponse;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.tls.TestAuthority;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.security.crypto.bcrypt.BCrypt;

/** Every way into a node, tried by every kind of sender. */
class AccessTableIT {
  private static final String PASSWORD = "correct-horse";
  private static final String TOKEN = "0123456789abcdef-token";

  /** What a request does, the role that it requires, and its status for those who have it. */
  private enum Way {
    REGISTERS(REGISTER, 204, "POST /v2/apps/PAY", PlainInstance.of("PAY", "j")),
    RENEWS(REGISTER, 200, "PUT /v2/apps/PAY/i?status=UP"),
    RENEWS_BY_ANOTHER_PREFIX(REGISTER, 200, "PUT /eureka/apps/pay/%69"),
    // A frame of another run, of one lease.
    RENEWS_MANY(
        REGISTER,
        409,
        "POST /v2/renewals",
        "\1an epoch\0\1" + "\0\0\0\0" + "\0" + "\0\0\0\1" + "\3"),
    OVERRIDES(REGISTER, 200, "PUT /v2/apps/PAY/i/status?value=DOWN"),
    REMOVES_OVERRIDE(REGISTER, 200, "DELETE /v2/apps/PAY/i/status?value=UP"),
    ADDS_METADATA(REGISTER, 200, "PUT /v2/apps/PAY/i/metadata?a=b"),
    CANCELS(REGISTER, 200, "DELETE /v2/apps/PAY/cancelled"),
    READS_ALL(READ, 200, "GET /v2/apps"),
    READS_DELTA(READ, 200, "GET /v2/apps/delta"),
    READS_ONE(READ, 200, "GET /v2/apps/PAY/i"),
    READS_OVERRIDES(READ, 200, "GET /serverinfo/statusoverrides"),
    READS_STATUS(READ, 200, "GET /v2/status"),
    FOLLOWS(READ, 200, "GET /v2/apps"),
    LISTS_MEMBERS_WITHOUT_CLUSTER(READ, 404, "GET /systole/members"),
    REPLICATES(PEER, 200, "POST /v2/peerreplication/batch", """
        {"replicationList":[{"appName":"PAY","id":"i","action":"Heartbeat"}]}"""),
    RENEWS_AS_PEER(PEER, 200, "PUT /v2/apps/PAY/i"),
    SCRAPES(READ, 200, "GET /metrics"),
    OPENS_PAGE(READ, 200, "GET /"),
    OPENS_PAGE_FILE(READ, 200, "GET /systole/ui/page.js"),
    READS_OVERVIEW(READ, 200, "GET /systole/overview"),
    FOLLOWS_NODE(READ, 200, "GET /systole/stream"),
    FOLLOWS_APPLICATION(READ, 200, "GET /systole/stream/PAY"),
    LISTS_RECENT(READ, 200, "GET /systole/recent"),
    LISTS_PEERS(READ, 200, "GET /systole/peers"),
    SHOWS_NO_CLUSTER(READ, 404, "GET /systole/cluster"),
    EXPLAINS(READ, 200, "GET /systole/explain/PAY/i"),
    EXPLAINS_APPLICATION(READ, 200, "GET /systole/explain/PAY"),
    LISTS_INSTANCES(READ, 200, "GET /systole/instances?app=PAY"),
    SHOWS_INSTANCE(READ, 200, "GET /systole/instances/PAY/i"),
    DESCRIBES_NODE(READ, 200, "GET /systole/node"),
    LINKS_ACTUATOR(READ, 200, "GET /actuator"),
    READS_INFO(READ, 200, "GET /actuator/info"),
    SCRAPES_ACTUATOR(READ, 200, "GET /actuator/prometheus"),
    CHANGES_LOG_LEVEL(
        MANAGE,
        204,
        "PUT /systole/log-level?level=info&logger=io.systole.server.management.LogLevelEndpoint"),
    SHOWS_CONFIGURATION(MANAGE, 200, "GET /systole/config"),
    EXTENDS(MANAGE, 204, "POST /systole/extend/PAY/i"),
    // The header let the role peer do this.
    EXTENDS_AS_PEER(MANAGE, 204, "POST /systole/extend/PAY/i"),
    EXTENDS_APPLICATION(MANAGE, 200, "POST /systole/extend/PAY"),
    OVERRIDES_AS_OPERATOR(MANAGE, 204, "PUT /systole/override/PAY/i?value=UP"),
    OVERRIDES_APPLICATION(MANAGE, 200, "PUT /systole/override/PAY?value=UP"),
    REMOVES_OVERRIDES_OF_APPLICATION(MANAGE, 200, "DELETE /systole/override/PAY?value=UP"),
    EVICTS(MANAGE, 204, "POST /systole/evict/PAY/evicted"),
    EVICTS_APPLICATION(MANAGE, 200, "POST /systole/evict/PAY");

    private static final EnumSet<Way> MANAGEMENT = EnumSet.range(SCRAPES, EVICTS_APPLICATION);
    private static final EnumSet<Way> STREAMS =
        EnumSet.of(FOLLOWS, FOLLOWS_NODE, FOLLOWS_APPLICATION);
    private static final EnumSet<Way> AS_PEER = EnumSet.of(RENEWS_AS_PEER, EXTENDS_AS_PEER);

    final Role role;
    final int granted;
    private final String line;
    private final String body;

    Way(Role role, int granted, String line) {
      this(role, granted, line, "");
    }

    Way(Role role, int granted, String line, String body) {
      this.role = role;
      this.granted = granted;
      this.line = line;
      this.body = body;
    }

    /** Returns whether it changes one instance of PAY; each item of a batch is permitted or not. */
    boolean changesPay() {
      return role != READ
          && this != REPLICATES
          && this != RENEWS_MANY
          && this != SHOWS_CONFIGURATION
          && this != CHANGES_LOG_LEVEL;
    }

    String request(@Nullable String authorization) {
      return line + " HTTP/1.1\r\nHost: a\r\n"
          + (authorization == null ? "" : "Authorization: " + authorization + "\r\n")
          + (this == FOLLOWS ? "Accept: text/event-stream\r\n" : "")
          + (AS_PEER.contains(this) ? "x-netflix-discovery-replication: true\r\n" : "")
          + (body.isEmpty() ? "" : "Content-Type: application/json\r\n")
          + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }
  }

  /**
   * A kind of sender.
   *
   * @param roles those that it has by what it shows; none if that is not valid
   * @param isOfAnother whether it is bound to another application than PAY
   */
  private record Sender(
      String name,
      @Nullable String authorization,
      @Nullable String certificate,
      Set<Role> roles,
      boolean isOfAnother) {
    /** Returns a sender that is not bound to an application. */
    static Sender of(
        String name, @Nullable String authorization, @Nullable String certificate, Role... roles) {
      return new Sender(name, authorization, certificate, Set.of(roles), false);
    }

    int expected(Way way) {
      if (roles.isEmpty()) {
        return 401;
      }
      boolean isBound = isOfAnother && way.changesPay();
      return roles.contains(way.role) && !isBound ? way.granted : 403;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Sender> SENDERS = List.of(
      Sender.of("nobody", null, null),
      Sender.of("wrong password", basic("all", "wrong"), null),
      Sender.of("empty password", basic("all", ""), null),
      Sender.of("unknown user", basic("unknown", PASSWORD), null),
      Sender.of("unknown token", "Bearer " + TOKEN + "x", null),
      Sender.of("another scheme", "Digest username=\"all\"", null),
      Sender.of("unknown certificate", null, "unknown"),
      Sender.of("wrong password with a certificate", basic("all", "wrong"), "All Roles"),
      Sender.of("reader", basic("reader", PASSWORD), null, READ),
      Sender.of("application", basic("application", PASSWORD), null, REGISTER),
      Sender.of("peer", basic("peer", PASSWORD), null, PEER, READ),
      Sender.of("operator", "Bearer " + TOKEN, null, MANAGE, READ),
      new Sender(
          "certificate of another application", null, "Billing", Set.of(Role.values()), true),
      Sender.of("certificate", null, "All Roles", Role.values()),
      Sender.of(
          "password with another's certificate", basic("all", PASSWORD), "Billing", Role.values()));

  @TempDir
  private Path directory;

  private TestAuthority authority;
  private Map<String, String> options;

  private static String basic(String user, String password) {
    String pair = user + ":" + password;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  @BeforeEach
  void writeFiles() throws Exception {
    authority = new TestAuthority(directory, "authority");
    // The lowest cost: a test is not attacked.
    String hash = BCrypt.hashpw(PASSWORD, BCrypt.gensalt("$2b", 4));
    String digest = HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(TOKEN.getBytes(UTF_8)));
    String all = " roles=read,register,peer,manage";
    Path file = directory.resolve("credentials");
    Files.write(
        file,
        List.of(
            "user all " + hash + all,
            "user reader " + hash + " roles=read",
            "user application " + hash + " roles=register",
            "user peer " + hash + " roles=peer",
            "token operator " + digest + " roles=manage",
            "certificate Billing" + all + " apps=BILL",
            "certificate \"All Roles\"" + all));
    options = SecuredNode.tls(authority.issue("node"));
    options.put("--credentials-file", file.toString());
    options.put("--tls-client-ca", authority.file().toString());
    options.put("--tls-client-auth", "optional");
  }

  static Stream<Arguments> senders() {
    return SENDERS.stream()
        .flatMap(sender -> Stream.of(arguments(sender, false), arguments(sender, true)));
  }

  @ParameterizedTest
  @MethodSource("senders")
  void waysIn_bySender_areOpenToItsRolesOnly(Sender sender, boolean hasManagementPort)
      throws Exception {
    if (hasManagementPort) {
      options.put("--management-port", "0");
    }
    SSLContext context = authority.client(
        sender.certificate() == null ? null : authority.issue(sender.certificate()));
    try (SecuredNode node = SecuredNode.start(options)) {
      for (String id : List.of("cancelled", "evicted")) {
        node.server.registry().register(Instances.up("PAY", id, 90), Origin.CLIENT);
      }
      Map<Way, Integer> statuses = new EnumMap<>(Way.class);
      Map<Way, Integer> expected = new EnumMap<>(Way.class);
      try (LiveClient main = node.connect(context);
          LiveClient management = LiveClient.of(
              SecuredNode.socket(context, node.server.managementAddress().getPort()))) {
        for (Way way : EnumSet.complementOf(Way.STREAMS)) {
          LiveClient client = Way.MANAGEMENT.contains(way) ? management : main;
          client.send(way.request(sender.authorization()));
          ParsedResponse response = client.response();
          statuses.put(way, response.status());
          if (response.status() != way.granted) {
            assertThat(response.body()).as(way.name()).isEmpty();
          }
        }
      }
      for (Way stream : Way.STREAMS) {
        statuses.put(stream, statusOfStream(stream, node, context, sender));
      }
      Arrays.stream(Way.values()).forEach(way -> expected.put(way, sender.expected(way)));

      assertThat(statuses).isEqualTo(expected);
    }
  }

  /** Reads the status only, as a stream does not end. */
  private static int statusOfStream(Way stream, SecuredNode node, SSLContext context, Sender sender)
      throws IOException {
    int port =
        Way.MANAGEMENT.contains(stream) ? node.server.managementAddress().getPort() : node.port;
    try (SSLSocket socket = SecuredNode.socket(context, port);
        LiveClient client = LiveClient.of(socket)) {
      client.send(stream.request(sender.authorization()));
      String line =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1)).readLine();
      return Integer.parseInt(line.split(" ", 3)[1]);
    }
  }
}
