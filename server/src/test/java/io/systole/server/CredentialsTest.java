// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static io.systole.server.SecuredNode.HEARTBEAT;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.renewal.RenewalFrame;
import io.systole.protocol.renewal.RenewalFrameEncoder;
import io.systole.server.config.ConfigParser;
import io.systole.server.net.LiveClient;
import io.systole.server.net.ParsedResponse;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.tls.TestAuthority;
import io.systole.server.tls.TestAuthority.Issued;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.security.crypto.bcrypt.BCrypt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node that requires credentials. */
class CredentialsTest {
  private static final String PASSWORD = "correct-horse";
  private static final String TOKEN = "0123456789abcdef-token";
  private static final String MANY = "many";

  private static String hash;

  @TempDir
  private Path directory;

  private Path file;

  @BeforeAll
  static void hashPassword() {
    // The lowest cost: a test is not attacked.
    hash = BCrypt.hashpw(PASSWORD, BCrypt.gensalt("$2b", 4));
  }

  @BeforeEach
  void writeFile() throws IOException {
    file = directory.resolve("credentials");
    write(user("pay", "roles=read,register apps=PAY,SHOP-*"), user("any", "roles=register"));
  }

  private static String user(String name, String attributes) {
    return "user " + name + " " + hash + " " + attributes;
  }

  private static String token(String name, String attributes) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(TOKEN.getBytes(UTF_8));
    return "token " + name + " " + HexFormat.of().formatHex(digest) + " " + attributes;
  }

  private void write(String... lines) throws IOException {
    Files.write(file, List.of(lines));
  }

  private SecuredNode node() throws IOException {
    return SecuredNode.start(Map.of("--credentials-file", file.toString()));
  }

  private static String basic(String user, String password) {
    String pair = user + ":" + password;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  /** Returns a request with this Authorization field. */
  private static String with(String authorization, String request) {
    return request.replace("\r\n\r\n", "\r\nAuthorization: " + authorization + "\r\n\r\n");
  }

  private static String request(String line) {
    return line + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }

  private static double metric(SecuredNode node, String authorization, String name)
      throws IOException {
    ParsedResponse response = node.exchange(with(authorization, request("GET /metrics")));
    return node.metric(response.body(), name);
  }

  private static double comparisons(SecuredNode node) throws IOException {
    return metric(node, basic("pay", PASSWORD), "systole_auth_passwords_compared_total");
  }

  // ---------------------------------------------------------------- ways in

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PUT /v2/apps/PAY/i?status=UP",
        "PUT /eureka/apps/PAY/%69",
        "POST /v2/apps/PAY",
        "DELETE /v2/apps/PAY/i",
        "PUT /v2/apps/PAY/i/status?value=DOWN",
        "DELETE /v2/apps/PAY/i/status",
        "PUT /v2/apps/PAY/i/metadata?a=b",
        "POST /v2/peerreplication/batch",
        "GET /v2/apps",
        "GET /v2/apps/delta",
        "GET /v2/apps/PAY/i",
        "GET /v2/status",
        "GET /metrics",
        "GET /systole/recent",
        "POST /systole/evict/PAY/i",
        "GET /nothing",
        "PATCH /v2/apps",
        "OPTIONS /v2/apps"
      })
  void request_withoutCredentials_is401WithChallengeAndEmptyBody(String line) throws IOException {
    try (SecuredNode node = node()) {
      ParsedResponse response = node.exchange(request(line));

      assertThat(response.status()).isEqualTo(401);
      assertThat(response.headers()).containsEntry("www-authenticate", "Basic realm=\"systole\"");
      assertThat(response.body()).isEmpty();
      assertThat(node.server.registry().leaseCount()).isEqualTo(2);
    }
  }

  @Test
  void health_withoutCredentials_is200() throws IOException {
    try (SecuredNode node = node()) {
      assertThat(node.exchange(request("GET /health")).status()).isEqualTo(200);
      assertThat(node.exchange(with("Basic !", request("GET /health"))).status())
          .isEqualTo(200);
    }
  }

  @Test
  void heartbeats_withPassword_compareItOnceOnAllConnections() throws IOException {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      for (int i = 0; i < 100; i++) {
        client.send(with(basic("pay", PASSWORD), HEARTBEAT));
        assertThat(client.response().status()).isEqualTo(200);
      }
      for (int i = 0; i < 5; i++) {
        assertThat(node.exchange(with(basic("pay", PASSWORD), HEARTBEAT)).status())
            .isEqualTo(200);
      }

      assertThat(comparisons(node)).isEqualTo(1);
    }
  }

  @Test
  void requests_pipelinedBeforeVerification_areAnsweredInOrder() throws IOException {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      String beat = with(basic("pay", PASSWORD), HEARTBEAT);
      String health = request("GET /health");
      String wrong = with(basic("pay", "wrong"), HEARTBEAT);
      client.send(health + beat + wrong + HEARTBEAT + beat + health);
      client.endOutput();

      assertThat(ParsedResponse.statusesIn(client.rest()))
          .containsExactly(200, 200, 401, 401, 200, 200);
    }
  }

  @Test
  void registration_withBodyBeforeVerification_isNotLost() throws IOException {
    try (SecuredNode node = node()) {
      String body = """
          {"instance":{"instanceId":"j","hostName":"h","app":"PAY","ipAddr":"10.0.0.1",\
          "status":"UP","dataCenterInfo":{"name":"MyOwn"}}}""";
      String head = "POST /v2/apps/PAY HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
          + "Content-Length: " + body.length() + "\r\n\r\n";

      ParsedResponse response = node.exchange(with(basic("pay", PASSWORD), head) + body);

      assertThat(response.status()).isEqualTo(204);
      assertThat(node.server.registry().find(new InstanceKey("PAY", "j"))).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Basic",
        "Basic !!!",
        "Basic cGF5",
        "Basic OnBhc3N3b3Jk",
        "Bearer ",
        "Bearer unknown",
        "Digest username=pay",
        "basic cGF5Ondyb25n"
      })
  void request_wrongOrMalformedCredentials_is401(String authorization) throws IOException {
    try (SecuredNode node = node()) {
      assertThat(node.exchange(with(authorization, HEARTBEAT)).status()).isEqualTo(401);
    }
  }

  @Test
  void request_passwordWhereThereAreNoUsers_is401() throws Exception {
    write(token("ci", "roles=read"));
    try (SecuredNode node = node()) {
      assertThat(node.exchange(with(basic("pay", PASSWORD), HEARTBEAT)).status())
          .isEqualTo(401);
      assertThat(status(node, "bearer " + TOKEN, "GET /v2/apps")).isEqualTo(200);
    }
  }

  @Test
  void request_repeatedOrHugeAuthorization_is401WithoutComparison() throws IOException {
    try (SecuredNode node = node()) {
      String good = basic("pay", PASSWORD);
      String repeated = with(basic("pay", "other"), with(good, HEARTBEAT));

      assertThat(node.exchange(repeated).status()).isEqualTo(401);
      assertThat(node.exchange(with("Basic " + "QUFB".repeat(3_000), HEARTBEAT)).status())
          .isEqualTo(401);
      assertThat(node.exchange(with(basic("pay", "p".repeat(73)), HEARTBEAT)).status())
          .isEqualTo(401);
      assertThat(node.exchange(with(basic("pay", PASSWORD + "\0x"), HEARTBEAT)).status())
          .isEqualTo(401);
      assertThat(comparisons(node)).isEqualTo(1);
      assertThat(metric(node, good, "systole_auth_failures_total{reason=\"malformed\"}"))
          .isEqualTo(4);
    }
  }

  @Test
  void request_credentialsOfAnotherAfterThoseOfOne_areNotConfused() throws IOException {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      String other = HEARTBEAT.replace("/PAY/", "/BILL/");
      client.send(with(basic("any", PASSWORD), other));
      assertThat(client.response().status()).isEqualTo(200);
      client.send(with(basic("pay", PASSWORD), other));
      assertThat(client.response().status()).isEqualTo(403);
      client.send(other);
      assertThat(client.response().status()).isEqualTo(401);
      client.send(with(basic("any", PASSWORD), other));
      assertThat(client.response().status()).isEqualTo(200);
    }
  }

  @Test
  void request_repeatingADeniedOne_isNotThatOfAnEarlierSender() throws IOException {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      String foreign = "Origin: http://elsewhere.example";
      String bogus = with(basic("any", "wrong"), foreign + "\r\n\r\n");
      String denied = "PUT /v2/apps/PAY/i HTTP/1.1\r\nHost: a\r\n" + bogus;
      String read = "GET /v2/apps HTTP/1.1\r\nHost: a\r\n" + bogus;
      client.send(with(basic("pay", PASSWORD), HEARTBEAT) + denied + read);

      assertThat(ParsedResponse.statusesIn(client.responses(3))).containsExactly(200, 403, 401);
    }
  }

  // ---------------------------------------------------------------- roles

  @Test
  void request_roleMissing_is403WithEmptyBody() throws Exception {
    write(
        user("reader", "roles=read"),
        user("app", "roles=register"),
        user("peer", "roles=peer"),
        token("operator", "roles=manage"));
    try (SecuredNode node = node()) {
      String reader = basic("reader", PASSWORD);
      String app = basic("app", PASSWORD);
      String peer = basic("peer", PASSWORD);
      String operator = "Bearer " + TOKEN;
      String replicated =
          HEARTBEAT.replace("\r\n\r\n", "\r\nx-netflix-discovery-replication: true\r\n\r\n");

      ParsedResponse refused = node.exchange(with(reader, HEARTBEAT));
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.body()).isEmpty();
      assertThat(status(node, app, "GET /v2/apps")).isEqualTo(403);
      assertThat(status(node, reader, "GET /v2/apps")).isEqualTo(200);
      assertThat(status(node, reader, "GET /metrics")).isEqualTo(200);
      assertThat(status(node, reader, "POST /systole/extend/PAY/i")).isEqualTo(403);
      assertThat(status(node, operator, "POST /systole/extend/PAY/i")).isEqualTo(204);
      assertThat(status(node, operator, "GET /v2/apps")).isEqualTo(200);
      assertThat(status(node, operator, "DELETE /v2/apps/PAY/i")).isEqualTo(403);
      assertThat(node.exchange(with(app, replicated)).status()).isEqualTo(403);
      assertThat(node.exchange(with(peer, replicated)).status()).isEqualTo(200);
      assertThat(node.exchange(with(peer, HEARTBEAT)).status()).isEqualTo(403);
      assertThat(status(node, app, "POST /v2/peerreplication/batch")).isEqualTo(403);
      assertThat(status(node, peer, "POST /v2/peerreplication/batch")).isEqualTo(415);
    }
  }

  private static int status(SecuredNode node, String authorization, String line)
      throws IOException {
    return node.exchange(with(authorization, request(line))).status();
  }

  // ---------------------------------------------------------------- bound applications

  /** Handles can be guessed, so the right to the application is checked for each lease. */
  @Test
  void frame_withALeaseOfAnotherApplication_renewsTheOtherOnly() throws Exception {
    try (SecuredNode node = node()) {
      Registry registry = node.server.registry();
      long own = keyOfHandle(registry, "PAY");
      long other = keyOfHandle(registry, "BILL");
      long[] keys = {Math.min(own, other), Math.max(own, other)};
      byte[] frame = RenewalFrameEncoder.encode(registry.handles().epoch(), keys, 2);
      String head =
          "POST /v2/renewals HTTP/1.1\r\nHost: a\r\nContent-Length: " + frame.length + "\r\n\r\n";
      String body = new String(frame, ISO_8859_1);

      ParsedResponse bound = node.exchange(with(basic("pay", PASSWORD), head) + body);
      ParsedResponse free = node.exchange(with(basic("any", PASSWORD), head) + body);

      assertThat(bound.status()).isEqualTo(200);
      assertThat(RenewalFrame.refusedPositions(bound.body().getBytes(ISO_8859_1), 2))
          .containsExactly(own < other ? 1 : 0);
      assertThat(free.status()).isEqualTo(200);
      assertThat(free.body()).isEmpty();
      assertThat(registry.renewal().count()).isEqualTo(3);
    }
  }

  private static long keyOfHandle(Registry registry, String app) {
    LookupKey key = LookupKey.of(new InstanceKey(app, "i"));
    return requireNonNull(registry.handles().find(key, Registry.NO_TIMESTAMP)).key();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PUT /v2/apps/BILL/i?status=UP",
        "PUT /v2/apps/bill/i",
        "PUT /v2/apps/%42ILL/i",
        "PUT /v2/apps/BILL;PAY/i",
        "PUT /v2/apps/BILL/i/",
        "PUT http://a/v2/apps/BILL/i",
        "PUT /eureka/apps/B%C4%B1LL/i",
        "POST /v2/apps/BILL",
        "DELETE /v2/apps/BILL/i",
        "DELETE /v2/apps/bi%6Cl/i",
        "PUT /v2/apps/BILL/i/status?value=DOWN",
        "DELETE /v2/apps/BILL/i/status",
        "PUT /v2/apps/BILL/i/metadata?a=b",
        "PUT /v2/apps/PAYX/i",
        "PUT /v2/apps/SHOP/i"
      })
  void change_ofAnotherApplication_is403AndChangesNothing(String line) throws IOException {
    try (SecuredNode node = node()) {
      InstanceKey key = new InstanceKey("BILL", "i");
      Object before = node.server.registry().find(key);

      ParsedResponse response = node.exchange(with(basic("pay", PASSWORD), request(line)));

      assertThat(response.status()).isEqualTo(403);
      assertThat(response.body()).isEmpty();
      assertThat(node.server.registry().find(key)).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PUT /v2/apps/PAY/i",
        "PUT /v2/apps/pay/i",
        "PUT /v2/apps/p%61y/i",
        "PUT /v2/apps/Pay/i/"
      })
  void heartbeat_ofTheBoundApplication_renewsInAnySpelling(String line) throws IOException {
    try (SecuredNode node = node()) {
      assertThat(status(node, basic("pay", PASSWORD), line)).isEqualTo(200);
      assertThat(status(node, basic("pay", PASSWORD), "PUT /v2/apps/shop-a/i")).isEqualTo(404);
    }
  }

  @Test
  void batch_itemsOfAnotherApplication_are403OneByOne() throws IOException {
    write(user("peer", "roles=peer apps=PAY"), user("pay", "roles=read"));
    try (SecuredNode node = node()) {
      String items = List.of("PAY", "BILL", "bill", "B\\u0049LL", "pay").stream()
          .map(app -> "{\"appName\":\"" + app + "\",\"id\":\"i\",\"action\":\"Heartbeat\"}")
          .collect(Collectors.joining(","));
      String cancel = "{\"appName\":\"Bill\",\"id\":\"i\",\"action\":\"Cancel\"}";
      String body = "{\"replicationList\":[" + items + "," + cancel + "]}";
      String head = "POST /v2/peerreplication/batch HTTP/1.1\r\nHost: a\r\n"
          + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n";

      ParsedResponse response = node.exchange(with(basic("peer", PASSWORD), head) + body);

      assertThat(response.status()).isEqualTo(200);
      List<String> statuses = Pattern.compile("\"statusCode\":(\\d+)")
          .matcher(response.body())
          .results()
          .map(found -> found.group(1))
          .toList();
      assertThat(statuses).containsExactly("200", "403", "403", "403", "200", "403");
      assertThat(node.server.registry().leaseCount()).isEqualTo(2);
      assertThat(metric(
              node,
              basic("pay", PASSWORD),
              "systole_peer_received_items_refused_total{reason=\"application\"}"))
          .isEqualTo(4);
    }
  }

  // ---------------------------------------------------------------- certificates

  @Test
  void certificate_namesThePrincipal() throws Exception {
    TestAuthority authority = new TestAuthority(directory, "authority");
    Issued identity = authority.issue("node");
    write(
        "certificate \"Pay Service\" roles=register apps=PAY",
        "certificate bill.example roles=register apps=BILL",
        user("any", "roles=register"));
    Map<String, String> options = SecuredNode.tls(identity);
    options.put("--credentials-file", file.toString());
    options.put("--tls-client-ca", authority.file().toString());
    options.put("--tls-client-auth", "optional");
    try (SecuredNode node = SecuredNode.start(options)) {
      String other = HEARTBEAT.replace("/PAY/", "/BILL/");
      try (LiveClient pay = node.connect(authority.client(authority.issue("Pay Service")))) {
        pay.send(HEARTBEAT + HEARTBEAT + other + with(basic("any", PASSWORD), other) + HEARTBEAT);
        assertThat(ParsedResponse.statusesIn(pay.responses(5)))
            .containsExactly(200, 200, 403, 200, 200);
      }
      Issued bill = authority.issueForDns("Example", "bill.example");
      try (LiveClient client = node.connect(authority.client(bill))) {
        client.send(HEARTBEAT + other);
        assertThat(ParsedResponse.statusesIn(client.responses(2))).containsExactly(403, 200);
      }
      try (LiveClient client = node.connect(authority.client(authority.issue("unknown")))) {
        client.send(HEARTBEAT + with(basic("any", PASSWORD), HEARTBEAT));
        assertThat(ParsedResponse.statusesIn(client.responses(2))).containsExactly(401, 200);
      }
      try (LiveClient client = node.connect(authority.client(null))) {
        client.send(HEARTBEAT);
        assertThat(client.response().status()).isEqualTo(401);
      }
    }
  }

  // ---------------------------------------------------------------- reload

  @Test
  void reload_userRemovedOrRestricted_appliesToOpenConnections() throws IOException {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      String beat = with(basic("any", PASSWORD), HEARTBEAT);
      client.send(beat);
      assertThat(client.response().status()).isEqualTo(200);

      write(user("any", "roles=register apps=BILL"));
      node.server.reloadSecurity();
      client.send(beat);
      assertThat(client.response().status()).isEqualTo(403);

      write(user("other", "roles=register"));
      node.server.reloadSecurity();
      client.send(beat);
      assertThat(client.response().status()).isEqualTo(401);
    }
  }

  /** They are authenticated without parsing their header fields again. */
  @Test
  void repeatedHeartbeats_userRestrictedMeanwhile_areRefused() throws IOException {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      String query = "?status=UP&lastDirtyTimestamp=1000000000000";
      String pay = with(basic("any", PASSWORD), request("PUT /v2/apps/PAY/i" + query));
      String other = with(basic("any", PASSWORD), request("PUT /v2/apps/BILL/i" + query));
      client.send(pay + pay + pay);
      assertThat(ParsedResponse.statusesIn(client.responses(3))).containsOnly(200);

      write(user("any", "roles=register apps=PAY"));
      node.server.reloadSecurity();
      client.send(pay + pay + other + pay);
      assertThat(ParsedResponse.statusesIn(client.responses(4)))
          .containsExactly(200, 200, 403, 200);

      write(user("other", "roles=register"));
      node.server.reloadSecurity();
      client.send(pay + pay);
      assertThat(ParsedResponse.statusesIn(client.responses(2))).containsOnly(401);
    }
  }

  @Test
  void reload_hashUnchanged_comparesNoPasswordAgain() throws IOException {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      client.send(with(basic("pay", PASSWORD), HEARTBEAT));
      assertThat(client.response().status()).isEqualTo(200);

      write(user("pay", "roles=read,register"), user("new", "roles=read"));
      node.server.reloadSecurity();
      client.send(with(basic("pay", PASSWORD), HEARTBEAT));

      assertThat(client.response().status()).isEqualTo(200);
      assertThat(comparisons(node)).isEqualTo(1);
    }
  }

  @Test
  void reload_passwordChanged_refusesTheOldOne() throws IOException {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      client.send(with(basic("pay", PASSWORD), HEARTBEAT));
      assertThat(client.response().status()).isEqualTo(200);

      write("user pay " + BCrypt.hashpw("next", BCrypt.gensalt("$2a", 4)) + " roles=register");
      node.server.reloadSecurity();
      client.send(with(basic("pay", PASSWORD), HEARTBEAT) + with(basic("pay", "next"), HEARTBEAT));

      assertThat(ParsedResponse.statusesIn(client.responses(2))).containsExactly(401, 200);
    }
  }

  @Test
  void reload_withTheConfiguration_readsTheFileToo() throws IOException {
    try (SecuredNode node = node()) {
      write(user("new", "roles=register"));

      node.server.prepareReload(node.config).run();

      assertThat(node.exchange(with(basic("new", PASSWORD), HEARTBEAT)).status())
          .isEqualTo(200);
    }
  }

  @Test
  void reload_malformedOrEmptyFile_keepsThePrevious() throws IOException {
    try (SecuredNode node = node()) {
      for (String content : List.of("", "user pay", "user pay plain-text roles=read", "# none")) {
        write(content);
        node.server.reloadSecurity();
        assertThat(node.exchange(with(basic("pay", PASSWORD), HEARTBEAT)).status())
            .isEqualTo(200);
      }
    }
  }

  @Test
  void start_malformedFile_namesTheLineWithoutItsContent() throws IOException {
    write("# users", "user pay secret-in-plain-text roles=read");

    assertThatThrownBy(this::node)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 2")
        .hasMessageNotContaining("secret-in-plain-text");
  }

  /** A file that is replaced while it is read may end within a line, which permits more. */
  @Test
  void reload_lastLineCut_keepsThePrevious() throws IOException {
    try (SecuredNode node = node()) {
      Files.writeString(file, user("pay", "roles=read,register"));
      node.server.reloadSecurity();

      assertThat(status(node, basic("pay", PASSWORD), "DELETE /v2/apps/BILL/i")).isEqualTo(403);
    }
  }

  @Test
  void reload_readerRemoved_endsItsEventStreamBeforeTheNextEvent() throws Exception {
    write(user("reader", "roles=read"), token("ci", "roles=read"));
    try (SecuredNode node = node();
        LiveClient removed = node.connect();
        LiveClient kept = node.connect()) {
      String stream = """
          GET /v2/apps HTTP/1.1\r
          Host: a\r
          Connection: close\r
          Accept: text/event-stream\r
          \r
          """;
      removed.send(with(basic("reader", PASSWORD), stream));
      kept.send(with("Bearer " + TOKEN, stream));
      removed.readUntil("event: synced");
      kept.readUntil("event: synced");

      write(token("ci", "roles=read"));
      node.server.reloadSecurity();
      node.server.registry().register(Instances.up("LATER", "i", 90), Origin.CLIENT);

      assertThat(removed.readUntil("\r\n0\r\n\r\n")).doesNotContain("LATER");
      kept.readUntil("LATER");
    }
  }

  @Test
  void reload_readerRemoved_refusesItsLongPollAtTheNextChange() throws Exception {
    write(user("reader", "roles=read"), token("ci", "roles=read"));
    try (SecuredNode node = node();
        LiveClient removed = node.connect();
        LiveClient kept = node.connect()) {
      long version = node.server.registry().changes().version();
      String poll = request("GET /v2/apps/delta?wait=60&since=" + version);
      removed.send(with(basic("reader", PASSWORD), poll));
      kept.send(with("Bearer " + TOKEN, poll));
      await().atMost(Duration.ofSeconds(30)).until(() -> pendingPolls(node) == 2);

      write(token("ci", "roles=read"));
      node.server.reloadSecurity();
      node.server.registry().register(Instances.up("LATER", "i", 90), Origin.CLIENT);

      assertThat(removed.response().status()).isEqualTo(401);
      assertThat(kept.response().body()).contains("LATER");
    }
  }

  private static double pendingPolls(SecuredNode node) throws IOException {
    return metric(node, "Bearer " + TOKEN, "systole_events_polls");
  }

  // ---------------------------------------------------------------- refusals

  @Test
  void refused_listsSourcePrincipalReasonAndCount() throws Exception {
    write(user("pay", "roles=register apps=PAY"), token("ops", "roles=manage"));
    try (SecuredNode node = node()) {
      status(node, basic("pay", PASSWORD), "DELETE /v2/apps/BILL/i");
      status(node, basic("pay", PASSWORD), "DELETE /v2/apps/BILL/i");
      status(node, basic("pay", "wrong"), "PUT /v2/apps/PAY/i");
      status(node, basic("nobody", "wrong"), "PUT /v2/apps/PAY/i");
      node.exchange(request("GET /v2/apps?secret=1"));

      String listed = node.exchange(with("Bearer " + TOKEN, request("GET /systole/refused")))
          .body();

      JsonNode refused = new JsonMapper().readTree(listed).path("refused");
      assertThat(refused.valueStream().map(CredentialsTest::textOf))
          .containsExactlyInAnyOrder(
              "pay application 2 DELETE /v2/apps/BILL/i",
              "pay wrong_password 1 PUT /v2/apps/PAY/i",
              "nobody wrong_password 1 PUT /v2/apps/PAY/i",
              " missing 1 GET /v2/apps");
      assertThat(refused.valueStream().map(one -> one.path("source").asString()))
          .containsOnly("127.0.0.1");
      assertThat(refused.get(0).path("lastMs").isNumber()).isTrue();
    }
  }

  private static String textOf(JsonNode refusal) {
    return refusal.path("principal").asString("") + " " + refusal.path("reason").asString() + " "
        + refusal.path("count").asInt() + " " + refusal.path("request").asString();
  }

  @Test
  void expectContinue_withoutCredentials_is401BeforeTheBody() throws IOException {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      client.send("""
          POST /v2/apps/PAY HTTP/1.1\r
          Host: a\r
          Expect: 100-continue\r
          Content-Length: 10\r
          \r
          """);

      String all = client.rest();

      assertThat(all).startsWith("HTTP/1.1 401 ").containsIgnoringCase("connection: close");
      assertThat(ParsedResponse.statusesIn(all)).containsExactly(401);
    }
  }

  // ---------------------------------------------------------------- attacks

  @Test
  void health_withWrongPasswords_comparesNone() throws IOException {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      String health = request("GET /health");
      for (int i = 0; i < 50; i++) {
        client.send(with(basic("pay", "w" + i), health));
        assertThat(client.response().status()).isEqualTo(200);
      }
      client.send(with(basic("pay", "w"), health) + HEARTBEAT + with(basic("pay", "w"), HEARTBEAT));
      assertThat(ParsedResponse.statusesIn(client.responses(3))).containsExactly(200, 401, 401);

      assertThat(comparisons(node)).isEqualTo(2);
    }
  }

  @Test
  void wrongPasswords_tenThousand_compareFewAndDelayNobody() throws IOException {
    try (SecuredNode node = node();
        LiveClient healthy = node.connect()) {
      String beat = with(basic("pay", PASSWORD), HEARTBEAT);
      healthy.send(beat);
      assertThat(healthy.response().status()).isEqualTo(200);

      List<Integer> statuses = new ArrayList<>();
      try (LiveClient attacker = node.connect()) {
        for (int round = 0; round < 100; round++) {
          StringBuilder attempts = new StringBuilder();
          for (int i = 0; i < 100; i++) {
            attempts.append(with(basic(i % 2 == 0 ? "pay" : MANY + i, "w" + round + i), HEARTBEAT));
          }
          attacker.send(attempts.toString());
          statuses.addAll(ParsedResponse.statusesIn(attacker.responses(100)));
          healthy.send(beat);
          assertThat(healthy.response().status()).isEqualTo(200);
        }
      }

      assertThat(statuses).hasSize(10_000).containsOnly(401, 503);
      assertThat(comparisons(node)).isLessThanOrEqualTo(1 + 20);
    }
  }

  @Test
  void samePasswordWrongAgain_onOneConnection_isNotComparedAgain() throws IOException {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      client.send(with(basic("pay", "wrong"), HEARTBEAT).repeat(50));

      assertThat(ParsedResponse.statusesIn(client.responses(50))).containsOnly(401);
      assertThat(comparisons(node)).isEqualTo(2);
    }
  }

  @Test
  void verification_connectionLostMeanwhile_leavesTheNodeServing() throws IOException {
    write(user("pay", "roles=read,register"));
    try (SecuredNode node = node()) {
      for (int i = 0; i < 10; i++) {
        try (LiveClient client = node.connect()) {
          client.send(with(basic("pay", "wrong" + i), HEARTBEAT));
        }
      }
      await().until(() -> comparisons(node) >= 1);
      assertThat(node.exchange(with(basic("pay", PASSWORD), HEARTBEAT)).status())
          .isEqualTo(200);
    }
  }

  // ---------------------------------------------------------------- secrets

  @Test
  void secrets_afterSuccessAndFailure_areNotInLogsOrMetrics() throws Exception {
    write(
        user("pay", "roles=read,register"),
        user("any", "roles=register"),
        token("ci", "roles=read"));
    Logger root = (Logger) LoggerFactory.getLogger("io.systole.server");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    try (SecuredNode node = node()) {
      assertThat(node.exchange(with(basic("pay", PASSWORD), HEARTBEAT)).status())
          .isEqualTo(200);
      node.exchange(with(basic("pay", "wrong-horse"), HEARTBEAT));
      node.exchange(with(basic(TOKEN, "x"), HEARTBEAT));
      node.exchange(with("Bearer " + TOKEN, HEARTBEAT));
      node.exchange(with("Bearer stolen-token", HEARTBEAT));
      String scrape =
          node.exchange(with(basic("pay", PASSWORD), request("GET /metrics"))).body();

      String logged = log.list.stream()
          .map(ILoggingEvent::getFormattedMessage)
          .collect(Collectors.joining("\n"));
      for (String secret :
          List.of(PASSWORD, "wrong-horse", TOKEN, "stolen-token", hash, basic("pay", PASSWORD))) {
        assertThat(logged + scrape).doesNotContain(secret);
      }
      assertThat(log.list.stream()
              .filter(event -> event.getFormattedMessage().contains("request refused"))
              .filter(event -> event.getFormattedMessage().contains("source=127.0.0.1")))
          .isNotEmpty();
    } finally {
      root.detachAppender(log);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "0.0.0.0"})
  void start_withoutCredentials_warnsOnlyBeyondLoopback(String bind) throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger(NodeSecurity.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try (SecuredNode node = SecuredNode.start(Map.of("--bind", bind))) {
      String port = ":" + node.port;
      assertThat(log.list.stream()
              .map(ILoggingEvent::getFormattedMessage)
              .filter(text -> text.contains(port)))
          .hasSize(bind.equals("0.0.0.0") ? 1 : 0);
    } finally {
      logger.detachAppender(log);
    }
  }

  // ---------------------------------------------------------------- rate of one credential

  private SecuredNode nodeWithRate(int perSecondMax) throws IOException {
    return SecuredNode.start(Map.of(
        "--credentials-file", file.toString(),
        "--max-credential-rate", Integer.toString(perSecondMax)));
  }

  /** Returns the statuses of requests that arrive at once. */
  private static List<Integer> statusesOf(SecuredNode node, String... requests) throws IOException {
    try (LiveClient client = node.connect()) {
      client.send(String.join("", requests));
      client.endOutput();
      return ParsedResponse.statusesIn(client.rest());
    }
  }

  @Test
  void deltas_aboveTheRateOfACredential_are503AndCounted() throws Exception {
    write(token("reader", "roles=read"));
    String bearer = "Bearer " + TOKEN;
    String delta = with(bearer, request("GET /v2/apps/delta"));
    try (SecuredNode node = nodeWithRate(1)) {
      List<Integer> deltas = statusesOf(node, delta, delta, delta);
      List<Integer> otherClass = statusesOf(node, with(bearer, request("GET /v2/apps")));

      assertThat(deltas).containsExactly(200, 503, 503);
      assertThat(otherClass).containsExactly(200);
      assertThat(metric(
              node,
              bearer,
              "systole_net_requests_shed_total{class=\"delta\",reason=\"credential_rate\"}"))
          .isEqualTo(2);
    }
  }

  @Test
  void heartbeats_aboveTheRateOfACredential_are200() throws Exception {
    write(token("any", "roles=register"));
    String beat = with("Bearer " + TOKEN, HEARTBEAT);
    String spelledOtherwise = beat.replace("/PAY/i", "/PAY/%69");
    try (SecuredNode node = nodeWithRate(1)) {
      assertThat(statusesOf(node, beat, beat, spelledOtherwise, spelledOtherwise, beat))
          .containsExactly(200, 200, 200, 200, 200);
    }
  }

  @Test
  void deltas_ofAPeer_haveNoRate() throws Exception {
    write(token("node", "roles=peer"));
    String delta = with("Bearer " + TOKEN, request("GET /v2/apps/delta"));
    try (SecuredNode node = nodeWithRate(1)) {
      assertThat(statusesOf(node, delta, delta, delta)).containsExactly(200, 200, 200);
    }
  }

  @Test
  void deltas_ofAnotherCredential_haveARateOfTheirOwn() throws Exception {
    write(user("reader", "roles=read"), token("other", "roles=read"));
    String delta = request("GET /v2/apps/delta");
    String ofUser = with(basic("reader", PASSWORD), delta);
    String ofToken = with("Bearer " + TOKEN, delta);
    try (SecuredNode node = nodeWithRate(1)) {
      node.exchange(with(basic("reader", PASSWORD), request("GET /health")));

      assertThat(statusesOf(node, ofToken, ofToken, ofUser)).containsExactly(200, 503, 200);
    }
  }

  @Test
  void reload_rateOfACredential_appliesToTheNextRequest() throws Exception {
    write(token("reader", "roles=read"));
    String delta = with("Bearer " + TOKEN, request("GET /v2/apps/delta"));
    Map<String, String> flags = Map.of("--credentials-file", file.toString(), "--loops", "1");
    try (SecuredNode node = nodeWithRate(1);
        LiveClient open = node.connect()) {
      open.send(delta);
      assertThat(open.response().status()).isEqualTo(200);

      node.server.prepareReload(ConfigParser.read(flags, Map.of())).run();

      for (int i = 0; i < 3; i++) {
        open.send(delta);
        assertThat(open.response().status()).isEqualTo(200);
      }
    }
  }
}
