// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.client.ReservedPort;
import io.systole.server.net.LiveClient;
import io.systole.server.net.ParsedResponse;
import io.systole.server.tls.TestAuthority;
import io.systole.server.tls.TestAuthority.Issued;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * Two nodes that are each other's peers, with TLS, a credentials file and a data directory. The
 * first sends its password to the other, the second its certificate.
 */
final class SecuredCluster implements AutoCloseable {
  /** The users, each with a password of its own. */
  enum User {
    ORDERS("roles=read,register apps=ORDERS"),
    FLEET("roles=register apps=FLEET"),
    PEER("roles=peer"),
    OPERATOR("roles=manage");

    private final String attributes;

    User(String attributes) {
      this.attributes = attributes;
    }

    String password() {
      return "secret-of-" + name();
    }

    String userInfo() {
      return name() + ":" + password() + "@";
    }
  }

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** The common name of the certificate with which the second client registers. */
  static final String CERTIFICATE_USER = "billing";

  final TestAuthority authority;
  final Path authorityFile;
  final List<ArchivedNode> nodes;

  private final Path folder;
  private final List<ReservedPort> ports = List.of(new ReservedPort(), new ReservedPort());
  private final List<String> secrets = new ArrayList<>();

  SecuredCluster(Path folder) throws Exception {
    this.folder = folder;
    authority = new TestAuthority(folder, "authority");
    authorityFile = authority.file();
    writeCredentials();
    for (int i = 0; i < 2; i++) {
      Issued identity = authority.issue("node-" + i);
      Files.copy(identity.certificate(), certificate(i));
      Files.copy(identity.key(), key(i));
      remember(identity);
      Files.writeString(config(i), configuration(i, "64KiB"));
    }
    nodes = List.of(
        new ArchivedNode(config(0), folder.resolve("0.log")),
        new ArchivedNode(config(1), folder.resolve("1.log")));
  }

  private void writeCredentials() throws IOException {
    List<String> lines = new ArrayList<>();
    for (User user : User.values()) {
      // The lowest cost: a test is not attacked.
      String hash = BCrypt.hashpw(user.password(), BCrypt.gensalt("$2b", 4));
      lines.add("user " + user + " " + hash + " " + user.attributes);
      secrets.addAll(List.of(user.password(), hash, encoded(user.name(), user.password())));
    }
    lines.add("certificate " + CERTIFICATE_USER + " roles=read,register apps=BILLING");
    lines.add("certificate node-1 roles=peer");
    Files.write(credentials(), lines);
  }

  /** Adds the key to the secrets. */
  private void remember(Issued identity) throws IOException {
    secrets.add(Files.readAllLines(identity.key()).get(1));
  }

  /** Returns the text of a node's configuration file. */
  String configuration(int node, String instanceSizeMax) {
    String userInfo = node == 0 ? User.PEER.userInfo() : "";
    String identity = node == 0
        ? ""
        : "\n  peer-certificate: " + certificate(node) + "\n  peer-key: " + key(node);
    return """
        log:
          log-level: trace
        listen:
          bind: 127.0.0.1
          port: %d
          loops: 1
        limits:
          max-instance-size: %s
        timeouts:
          lame-duck: 1s
        security:
          tls-certificate: %s
          tls-key: %s
          tls-client-ca: %s
          tls-client-auth: optional
          credentials-file: %s
        store:
          data-dir: %s
        cluster:
          peers: [%s]
          peer-ca: %s%s
        """.formatted(
            port(node),
            instanceSizeMax,
            certificate(node),
            key(node),
            authorityFile,
            credentials(),
            folder.resolve("data-" + node),
            urls(userInfo).stream().map(URI::toString).collect(Collectors.joining(", ")),
            authorityFile,
            identity);
  }

  /** Returns the service URLs of both nodes with this user info, which ends with {@code @}. */
  List<URI> urls(String userInfo) {
    return Stream.of(0, 1)
        .map(node -> URI.create("https://" + userInfo + "127.0.0.1:" + port(node) + "/eureka/"))
        .toList();
  }

  private int port(int node) {
    return ports.get(node).number();
  }

  private Path config(int node) {
    return folder.resolve(node + ".yml");
  }

  Path credentials() {
    return folder.resolve("credentials");
  }

  Path certificate(int node) {
    return folder.resolve(node + ".crt");
  }

  private Path key(int node) {
    return folder.resolve(node + ".key");
  }

  /** Replaces the key and then the certificate of a node, which reads them again on SIGHUP. */
  void rotate(int node, Issued next) throws Exception {
    remember(next);
    Files.copy(next.key(), key(node), StandardCopyOption.REPLACE_EXISTING);
    nodes
        .get(node)
        .replace(certificate(node), Files.readAllBytes(next.certificate()), "TLS files reloaded");
  }

  /** Returns the common name of the certificate that a node presents. */
  String presentedName(int node) throws Exception {
    try (SSLSocket socket = socket(node)) {
      socket.startHandshake();
      X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return certificate.getSubjectX500Principal().getName();
    }
  }

  /** Returns the body of the response to a GET by the operator, whatever its status. */
  String get(int node, String path) throws Exception {
    return exchange(node, User.OPERATOR, "GET " + path, "").body();
  }

  /** Sends a password and a token that are not valid; returns the statuses of the responses. */
  List<Integer> guess(int node) throws Exception {
    String password = "guessed-password";
    String token = "guessed-token";
    secrets.addAll(List.of(password, encoded("PEER", password), token));
    return List.of(
        exchange(node, "Basic " + encoded("PEER", password), "GET /metrics", "").status(),
        exchange(node, "Bearer " + token, "GET /metrics", "").status());
  }

  /** Registers an instance of a user's application; returns the status of the response. */
  int register(int node, User user, String document) throws Exception {
    return exchange(node, user, "POST /eureka/apps/" + user, document).status();
  }

  /** Exchanges on a connection of its own, as a kept one may end with the node's process. */
  private ParsedResponse exchange(int node, User user, String line, String document)
      throws Exception {
    return exchange(node, "Basic " + encoded(user.name(), user.password()), line, document);
  }

  private ParsedResponse exchange(int node, String authorization, String line, String document)
      throws Exception {
    try (LiveClient client = LiveClient.of(socket(node))) {
      client.send(line + " HTTP/1.1\r\nHost: a\r\nAuthorization: " + authorization
          + "\r\nContent-Type: application/json\r\nContent-Length: " + document.length()
          + "\r\n\r\n" + document);
      return client.response();
    }
  }

  private SSLSocket socket(int node) throws Exception {
    SSLSocket socket = SecuredNode.socket(authority.client(null), port(node));
    socket.setSoTimeout((int) LIMIT.toMillis());
    return socket;
  }

  private static String encoded(String user, String password) {
    String pair = user + ":" + password;
    return Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  /** Returns passwords, hashes, keys and header fields that must not be shown anywhere. */
  List<String> secrets() {
    return secrets;
  }

  @Override
  public void close() {
    nodes.forEach(ArchivedNode::close);
    ports.forEach(ReservedPort::close);
  }
}
