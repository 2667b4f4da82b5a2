// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * The certificate, credentials and BoringSSL of secured nodes. The certificate is self-signed, of
 * 127.0.0.1, with a key on the curve P-256.
 *
 * @param directory of the certificate and the credentials; {@link #close} deletes it
 * @param archive tree of the node's archive
 * @param providerJars of BoringSSL
 */
record SecurityFiles(Path directory, Path archive, List<Path> providerJars)
    implements AutoCloseable {
  private static final String USER = "load";
  private static final String PASSWORD = "secret";

  /** The credentials as part of a URL. */
  static final String USER_INFO = USER + ":" + PASSWORD;

  private static final String ALIAS = "node";
  private static final String STORE_PASSWORD = "changeit";

  /**
   * Creates a certificate and credentials in a temporary directory.
   *
   * @param root the checkout, with the node and the benchmarks built
   * @throws IOException if something is missing, or {@code keytool} fails
   */
  static SecurityFiles create(Path root) throws IOException, InterruptedException {
    List<Path> archives = listed(root.resolve("server/target/dist"), "systole-*");
    List<Path> providerJars = listed(root.resolve("benchmarks/target/lib"), "netty-tcnative-*.jar");
    if (archives.size() != 1 || providerJars.isEmpty()) {
      throw new IOException("expected one tree of the node's archive and the jars of BoringSSL,"
          + " found " + archives + " and " + providerJars);
    }
    SecurityFiles created =
        new SecurityFiles(Files.createTempDirectory("systole-live"), archives.get(0), providerJars);
    try {
      created.writeCertificate();
      created.writeCredentials();
    } catch (IOException | InterruptedException failure) {
      created.close();
      throw failure;
    }
    return created;
  }

  private static List<Path> listed(Path directory, String glob) throws IOException {
    List<Path> paths = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, glob)) {
        found.forEach(paths::add);
      }
    }
    return paths;
  }

  private void writeCertificate() throws IOException, InterruptedException {
    List<String> keytool = List.of(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-alias",
        ALIAS,
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        "CN=localhost",
        "-ext",
        "san=ip:127.0.0.1",
        "-storetype",
        "PKCS12",
        "-keystore",
        keyStoreFile().toString(),
        "-storepass",
        STORE_PASSWORD);
    Process process = new ProcessBuilder(keytool).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("keytool failed: " + output.strip());
    }
    try {
      KeyStore store = keyStore();
      writePem(certificateFile(), "CERTIFICATE", store.getCertificate(ALIAS).getEncoded());
      byte[] key = store.getKey(ALIAS, STORE_PASSWORD.toCharArray()).getEncoded();
      writePem(keyFile(), "PRIVATE KEY", key);
    } catch (GeneralSecurityException unusable) {
      throw new IOException("keytool made an unusable key store", unusable);
    }
  }

  private KeyStore keyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keyStoreFile())) {
      store.load(in, STORE_PASSWORD.toCharArray());
    }
    return store;
  }

  private static void writePem(Path file, String label, byte[] der) throws IOException {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(
        file, "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n");
  }

  private void writeCredentials() throws IOException {
    String hash = BCrypt.hashpw(PASSWORD, BCrypt.gensalt());
    Files.writeString(
        credentialsFile(), "user " + USER + " " + hash + " roles=read,register,manage\n");
  }

  private Path keyStoreFile() {
    return directory.resolve("node.p12");
  }

  private Path certificateFile() {
    return directory.resolve("node.crt");
  }

  private Path keyFile() {
    return directory.resolve("node.key");
  }

  private Path credentialsFile() {
    return directory.resolve("credentials");
  }

  /** Returns the options of a node with the certificate. */
  List<String> tlsArguments() {
    return List.of(
        "--tls-certificate",
        certificateFile().toString(),
        "--tls-key",
        keyFile().toString());
  }

  /** Returns the options of a node with the credentials. */
  List<String> credentialsArguments() {
    return List.of("--credentials-file", credentialsFile().toString());
  }

  /**
   * Returns the JVM options, except those of memory, and the main class of a node that has
   * BoringSSL on its class path. The launcher has the libraries of the archive only.
   */
  List<String> boringSslArguments() {
    Path libraries = archive.resolve("lib");
    List<String> classPath = new ArrayList<>(List.of(libraries + "/*"));
    providerJars.forEach(jar -> classPath.add(jar.toString()));
    return List.of(
        "@" + archive.resolve("conf/jvm.options"),
        // As the launcher does; otherwise the node falls back from epoll to NIO.
        "-Djava.library.path=" + libraries.resolve("native"),
        "-cp",
        String.join(File.pathSeparator, classPath),
        "io.systole.server.Main");
  }

  /** Returns the JVM options of a client that trusts the certificate. */
  List<String> clientJvmOptions() {
    // A certificate with its key is trusted like one without.
    return List.of(
        "-Djavax.net.ssl.trustStore=" + keyStoreFile(),
        "-Djavax.net.ssl.trustStorePassword=" + STORE_PASSWORD);
  }

  /** Returns the context of a client in this process that trusts the certificate. */
  SSLContext clientContext() throws IOException {
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(keyStore());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException unusable) {
      throw new IOException("the certificate cannot be trusted", unusable);
    }
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
