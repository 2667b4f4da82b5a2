// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;

/**
 * A check that a running node is secured as its kind says, so that no figure is that of another
 * provider, another cipher suite, or a node without credentials.
 */
final class SecurityCheck {
  /** Chosen by both providers, so that they are compared at the same work. */
  private static final String CIPHER = "TLSv1.3 TLS_AES_128_GCM_SHA256";

  private static final String NO_TLS = "no TLS";

  /** A part of the file name of BoringSSL's library. */
  private static final String NATIVE_LIBRARY = "netty_tcnative";

  private static final Duration RESPONSE_MAX = Duration.ofSeconds(30);

  private SecurityCheck() {}

  /**
   * Checks a node.
   *
   * @throws IOException if it is secured otherwise
   */
  static void require(ServerUnderTest kind, RunningServer server, SecurityFiles security)
      throws IOException, InterruptedException {
    String maps = Files.readString(Path.of("/proc", Long.toString(server.pid()), "maps"));
    requireProvider(kind, maps);
    HttpResponse<Void> response = read(kind, server.port(), security);
    requireStatus(kind, response.statusCode());
    requireCipher(kind, response.sslSession().map(SecurityCheck::cipher).orElse(NO_TLS));
  }

  /** Sends a read without credentials, and offers the cipher suites that the load test offers. */
  private static HttpResponse<Void> read(ServerUnderTest kind, int port, SecurityFiles security)
      throws IOException, InterruptedException {
    String scheme = kind.usesTls() ? "https" : "http";
    URI url = URI.create(scheme + "://127.0.0.1:" + port + kind.prefix() + "/apps");
    // BoringSSL prefers the order of the client.
    String[] offered = SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .build()
        .cipherSuites()
        .toArray(new String[0]);
    HttpClient client = HttpClient.newBuilder()
        .sslContext(security.clientContext())
        .sslParameters(new SSLParameters(offered))
        .version(HttpClient.Version.HTTP_1_1)
        .build();
    return client.send(
        HttpRequest.newBuilder(url).timeout(RESPONSE_MAX).build(), BodyHandlers.discarding());
  }

  private static String cipher(SSLSession session) {
    return session.getProtocol() + " " + session.getCipherSuite();
  }

  /** @param maps the memory map of the process, which names each library that is loaded */
  static void requireProvider(ServerUnderTest kind, String maps) throws IOException {
    boolean isLoaded = maps.contains(NATIVE_LIBRARY);
    if (isLoaded != kind.usesBoringSsl()) {
      throw new IOException(
          kind.label() + (isLoaded ? " has loaded BoringSSL" : " has not loaded BoringSSL"));
    }
  }

  /** @param status of a read without credentials */
  static void requireStatus(ServerUnderTest kind, int status) throws IOException {
    int expected = kind.requiresCredentials() ? 401 : 200;
    if (status != expected) {
      throw new IOException(kind.label() + " responds with " + status + " instead of " + expected
          + " to a read without credentials");
    }
  }

  /** @param cipher protocol and cipher suite, or {@value #NO_TLS} */
  static void requireCipher(ServerUnderTest kind, String cipher) throws IOException {
    String expected = kind.usesTls() ? CIPHER : NO_TLS;
    if (!cipher.equals(expected)) {
      throw new IOException(kind.label() + " negotiates " + cipher + " instead of " + expected);
    }
  }
}
