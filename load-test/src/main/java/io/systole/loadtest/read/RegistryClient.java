// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.read;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

/** An HTTP client for documents of one server's registry. Thread-safe. */
public final class RegistryClient {
  private static final int OK = 200;

  /** The request timeout ends with the head of a response; this limits the body. */
  private static final long BODY_MS_MAX = 60_000;

  private final URI service;
  private final long bodyMsMax;
  private final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(RegistryRequest.TIMEOUT)
      .build();

  /** @param service URL of the registry, with credentials if it requires them */
  public RegistryClient(URI service) {
    this(service, BODY_MS_MAX);
  }

  /** @param bodyMsMax time from the head of a response to its end */
  RegistryClient(URI service, long bodyMsMax) {
    this.service = service;
    this.bodyMsMax = bodyMsMax;
  }

  /** Returns the service URL without credentials. */
  public String address() {
    return RegistryRequest.withoutCredentials(service);
  }

  /**
   * Requests a document.
   *
   * @param path starting with {@code /apps} or the like
   * @return the body, decompressed; reads fail once it has taken a minute
   * @throws IOException if the server cannot be reached or returns another status than 200
   */
  public InputStream open(String path) throws IOException, InterruptedException {
    HttpResponse<InputStream> response = send(path);
    InputStream body = response.body();
    if (response.statusCode() != OK) {
      body.close();
      throw new IOException(path + " returned status " + response.statusCode());
    }
    CompletableFuture.delayedExecutor(bodyMsMax, TimeUnit.MILLISECONDS)
        .execute(() -> closeQuietly(body));
    boolean isGzipped = response
        .headers()
        .firstValue("Content-Encoding")
        .filter("gzip"::equalsIgnoreCase)
        .isPresent();
    return isGzipped ? gunzip(body) : body;
  }

  private HttpResponse<InputStream> send(String path) throws IOException, InterruptedException {
    try {
      // Netflix's own server compresses in any case, and rejects other encodings (spec §1.5).
      return http.send(
          RegistryRequest.of(service, path).header("Accept-Encoding", "gzip").build(),
          HttpResponse.BodyHandlers.ofInputStream());
    } catch (ConnectException e) {
      // The JDK's exception has no message.
      throw new IOException("cannot connect", e);
    }
  }

  private static InputStream gunzip(InputStream body) throws IOException {
    try {
      return new GZIPInputStream(body);
    } catch (IOException e) {
      body.close();
      throw e;
    }
  }

  /** Fails a read in progress; no effect on a body that was read to its end. */
  private static void closeQuietly(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // The body is closed either way.
    }
  }
}
