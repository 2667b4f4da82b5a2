// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.systole.server.tls.TestAuthority;
import io.systole.server.tls.TestAuthority.Issued;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * The certificates and credentials of a soak, and their rotation: first the next ones are valid
 * beside the present ones, then the fleet changes to the next, then the former ones are removed.
 *
 * <p>The present and the former secrets are volatile: written by the fleet's loop, read by the
 * attackers' too. The next ones reach that loop with the task that changes to them. All else is for
 * the thread of the test.
 */
final class SoakSecurity {
  /** One generation of the fleet's token and of its user, whose name changes too. */
  private record Secrets(int generation, String hash) {
    static Secrets of(int generation) {
      return new Secrets(
          generation, BCrypt.hashpw("password-" + generation, BCrypt.gensalt("$2b", 4)));
    }

    String token() {
      return "Bearer token-" + generation;
    }

    String basic() {
      return SoakSecurity.basic("fleet-" + generation, "password-" + generation);
    }

    List<String> entries() {
      return List.of(
          "token fleet-token-" + generation + " " + sha256("token-" + generation) + FLEET,
          "user fleet-" + generation + " " + hash + FLEET);
    }
  }

  private static final String AUTHORITY = "soak";
  private static final String FLEET = " roles=read,register";
  private static final String OPERATOR = "operator";
  private static final String ATTACKER = "attacker";
  private static final String FLEET_CERTIFICATE = "fleet-certificate";

  private final TestAuthority authority;
  private final Path certificate;
  private final Path key;
  private final Path clientCa;
  private final Path credentials;
  private final @Nullable InetAddress attackers;
  private final List<String> otherEntries;
  private final SSLContext anonymous;
  private final SSLContext identified;
  private final SSLContext untrusted;
  private final SSLContext expired;
  private BigInteger serial = BigInteger.ZERO;
  private Secrets next = Secrets.of(2);
  private volatile Secrets current = Secrets.of(1);
  private volatile Secrets former = Secrets.of(0);

  SoakSecurity(Path folder) throws IOException, GeneralSecurityException {
    authority = new TestAuthority(folder, AUTHORITY);
    certificate = folder.resolve("node.crt");
    key = folder.resolve("node.key");
    clientCa = authority.file();
    credentials = folder.resolve("credentials");
    attackers = secondLoopback();
    otherEntries = List.of(
        "token operator " + sha256(OPERATOR) + " roles=read",
        "token attacker " + sha256(ATTACKER) + " roles=read,register,peer",
        "certificate " + FLEET_CERTIFICATE + FLEET);
    anonymous = authority.client(null);
    identified = authority.client(authority.issue(FLEET_CERTIFICATE));
    // Of the same name, so that clients send the certificate.
    TestAuthority foreign = new TestAuthority(folder, AUTHORITY);
    untrusted = authority.client(foreign.issue(FLEET_CERTIFICATE));
    expired = authority.client(authority.issueExpired(FLEET_CERTIFICATE));
    issueCertificate();
    write(List.of(current));
  }

  /** Returns an address other than the fleet's, so that attackers have a separate share. */
  private static @Nullable InetAddress secondLoopback() throws IOException {
    InetAddress second = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    try (ServerSocket probe = new ServerSocket(0, 1, second)) {
      return probe.getInetAddress();
    } catch (IOException notAnAddressOfThisMachine) {
      return null;
    }
  }

  /** Returns the options of the node. */
  List<String> options() {
    return List.of(
        "--tls-certificate", certificate.toString(),
        "--tls-key", key.toString(),
        "--tls-client-ca", clientCa.toString(),
        "--tls-client-auth", "optional",
        "--credentials-file", credentials.toString());
  }

  // ---------------------------------------------------------------- ways to the node

  ClientAccess operator() {
    return new ClientAccess(null, anonymous, () -> "Bearer " + OPERATOR);
  }

  /** Returns a token, a user and a client certificate. */
  List<ClientAccess> fleet() {
    return List.of(
        new ClientAccess(null, anonymous, () -> current.token()),
        new ClientAccess(null, anonymous, () -> current.basic()),
        new ClientAccess(null, identified, () -> ""));
  }

  /** Returns a way with valid credentials, so that attacks reach all of the node. */
  ClientAccess attacker() {
    return new ClientAccess(attackers, anonymous, () -> "Bearer " + ATTACKER);
  }

  /** Returns a way without TLS to the port that requires it. */
  ClientAccess plain() {
    return new ClientAccess(attackers, null, () -> "");
  }

  /** Returns a way with a client certificate of a foreign authority. */
  ClientAccess foreign() {
    return new ClientAccess(attackers, untrusted, () -> "");
  }

  /** Returns a way with a client certificate that has expired. */
  ClientAccess expired() {
    return new ClientAccess(attackers, expired, () -> "");
  }

  ClientAccess formerToken() {
    return new ClientAccess(attackers, anonymous, () -> former.token());
  }

  ClientAccess formerUser() {
    return new ClientAccess(attackers, anonymous, () -> former.basic());
  }

  ClientAccess wrongPassword() {
    return new ClientAccess(
        attackers,
        anonymous,
        () -> basic("fleet-" + current.generation(), "wrong-" + System.nanoTime()));
  }

  ClientAccess malformed() {
    return new ClientAccess(attackers, anonymous, () -> "Basic \u00ff:=" + System.nanoTime());
  }

  SSLContext tls() {
    return anonymous;
  }

  // ---------------------------------------------------------------- rotation

  /**
   * Replaces the node's certificate, and permits the next credentials beside the present ones.
   *
   * @return a value of {@code Authorization} that is valid once the node has read the files
   */
  String permitNext() throws IOException {
    next = Secrets.of(current.generation() + 1);
    issueCertificate();
    write(List.of(current, next));
    return next.token();
  }

  /** Makes the fleet use the next credentials, and attackers the former: while they pause. */
  void changeToNext() {
    former = current;
    current = next;
  }

  /**
   * Removes the former credentials.
   *
   * @return a value of {@code Authorization} that is invalid once the node has read the file
   */
  String removeFormer() throws IOException {
    write(List.of(current));
    return former.token();
  }

  /** Returns true if a new connection receives the newest certificate. */
  boolean isServed(int port) throws IOException {
    try (SSLSocket socket = (SSLSocket)
        anonymous.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
      X509Certificate served = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return served.getSerialNumber().equals(serial);
    }
  }

  private void issueCertificate() throws IOException {
    Issued issued = authority.issue("node");
    serial = requireNonNull(issued.bundle().getCertificate()).getSerialNumber();
    Files.copy(issued.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(issued.key(), key, StandardCopyOption.REPLACE_EXISTING);
  }

  private void write(List<Secrets> valid) throws IOException {
    List<String> lines = new ArrayList<>(otherEntries);
    valid.forEach(secrets -> lines.addAll(secrets.entries()));
    Files.write(credentials, lines);
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
