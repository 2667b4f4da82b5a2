// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key pair with a self-signed certificate, made by the JDK's keytool for one test class. */
final class Certificate {
  private static final String NAME = "it";
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path directory;
  private final String name;
  private final KeyStore store;

  /** @param hosts as keytool writes them: {@code ip:127.0.0.1,dns:localhost} */
  Certificate(Path directory, String name, String hosts)
      throws IOException, GeneralSecurityException, InterruptedException {
    this.directory = directory;
    this.name = name;
    Path file = directory.resolve(name + ".p12");
    generate(file, name, hosts);
    store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
  }

  private static void generate(Path file, String name, String hosts)
      throws IOException, InterruptedException {
    Process keytool = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            NAME,
            "-keyalg",
            "EC",
            "-dname",
            "CN=" + name,
            "-ext",
            "san=" + hosts,
            "-validity",
            "2",
            "-storetype",
            "PKCS12",
            "-keystore",
            file.toString(),
            "-storepass",
            new String(PASSWORD))
        .redirectErrorStream(true)
        .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool failed: " + said);
    }
  }

  /** Returns a PEM file with the certificate. */
  Path certificateFile() throws IOException, GeneralSecurityException {
    return pem("CERTIFICATE", store.getCertificate(NAME).getEncoded());
  }

  /** Returns a PEM file with the private key, PKCS #8. */
  Path keyFile() throws IOException, GeneralSecurityException {
    return pem("PRIVATE KEY", store.getKey(NAME, PASSWORD).getEncoded());
  }

  private Path pem(String what, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder().encodeToString(der);
    String text = "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n";
    return Files.writeString(directory.resolve(name + "." + what.replace(' ', '-')), text);
  }

  /** Returns what a server needs to come as this one, and to know this one as a client. */
  SSLContext serverContext() throws GeneralSecurityException {
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    try {
      trusted.load(null, null);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    trusted.setCertificateEntry(NAME, store.getCertificate(NAME));
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }
}
