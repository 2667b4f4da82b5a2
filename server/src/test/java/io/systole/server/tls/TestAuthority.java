// SPDX-License-Identifier: Apache-2.0
package io.systole.server.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A certificate authority that writes what it issues to PEM files. */
public final class TestAuthority {
  /** A certificate of the authority, and its key, as PEM files. */
  public record Issued(Path certificate, Path key, X509Bundle bundle) {}

  private static final Duration LIFETIME = Duration.ofDays(2);

  private final Path directory;
  private final X509Bundle root;
  private int issued;

  public TestAuthority(Path directory, String name) {
    this.directory = directory;
    this.root = selfSigned(name);
  }

  private static X509Bundle selfSigned(String name) {
    try {
      return template(name, Instant.now().plus(LIFETIME))
          .setIsCertificateAuthority(true)
          .buildSelfSigned();
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static CertificateBuilder template(String name, Instant notAfter) {
    return new CertificateBuilder()
        .subject("CN=" + name)
        .notBefore(Instant.now().minus(LIFETIME))
        .notAfter(notAfter)
        .ecp256();
  }

  /** Issues a certificate of this name and of 127.0.0.1. */
  public Issued issue(String name) {
    return issue(template(name, Instant.now().plus(LIFETIME)));
  }

  /** Issues a certificate with an RSA key. */
  public Issued issueRsa(String name) {
    return issue(template(name, Instant.now().plus(LIFETIME)).rsa2048());
  }

  /** Issues a certificate that has expired. */
  public Issued issueExpired(String name) {
    return issue(template(name, Instant.now().minusSeconds(60)));
  }

  /** Issues a certificate without a common name. */
  public Issued issueForDns(String organization, String dnsName) {
    return issue(template("unused", Instant.now().plus(LIFETIME))
        .subject("O=" + organization)
        .addSanDnsName(dnsName));
  }

  private Issued issue(CertificateBuilder template) {
    try {
      X509Bundle bundle = template.addSanIpAddress("127.0.0.1").buildIssuedBy(root);
      issued++;
      return new Issued(
          write("certificate", bundle.getCertificatePathPEM()),
          write("key", bundle.getPrivateKeyPEM()),
          bundle);
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }

  private Path write(String name, String pem) throws IOException {
    return Files.writeString(
        directory.resolve(name + "-" + System.identityHashCode(this) + "-" + issued + ".pem"), pem);
  }

  /** Returns a PEM file with the certificate of the authority. */
  public Path file() throws IOException {
    return write("authority", root.getCertificatePEM());
  }

  /** Returns a PKCS #12 file that trusts the authority. */
  public Path trustStore(String password) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("authority", root.getCertificate());
    return write("trust", store, password);
  }

  /** Returns a PKCS #12 file with a certificate and its key. */
  public Path keyStore(Issued identity, String password)
      throws IOException, GeneralSecurityException {
    KeyStore store = identity.bundle.toKeyStore(password.toCharArray());
    issued++;
    return write("identity", store, password);
  }

  private Path write(String name, KeyStore store, String password)
      throws IOException, GeneralSecurityException {
    Path file =
        directory.resolve(name + "-" + System.identityHashCode(this) + "-" + issued + ".p12");
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, password.toCharArray());
    }
    return file;
  }

  /**
   * Returns the context of a client that trusts this authority.
   *
   * @param identity the certificate of the client, or null
   */
  public SSLContext client(@Nullable Issued identity) throws GeneralSecurityException {
    KeyManager[] keys =
        identity == null ? null : identity.bundle.toKeyManagerFactory().getKeyManagers();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, root.toTrustManagerFactory().getTrustManagers(), null);
    return context;
  }
}
