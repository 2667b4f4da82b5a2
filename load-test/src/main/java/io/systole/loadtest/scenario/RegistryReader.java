// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.read.RegistryRequest;
import io.systole.loadtest.runner.Fleet;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** A reader of one node's registry. Thread-safe. */
final class RegistryReader {
  private static final int OK = 200;

  /** The request timeout ends with the head of a response; this limits the body. */
  private static final long BODY_MS_MAX = 60_000;

  private static final Pattern COUNT_OF_STATUS = Pattern.compile("_(\\d{1,9})_");

  private final URI service;
  private final long bodyMsMax;
  private final JsonFactory json = new JsonFactory();
  private final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(RegistryRequest.TIMEOUT)
      .build();

  RegistryReader(URI service) {
    this(service, BODY_MS_MAX);
  }

  /** @param bodyMsMax time from the head of a response to its end */
  RegistryReader(URI service, long bodyMsMax) {
    this.service = service;
    this.bodyMsMax = bodyMsMax;
  }

  /**
   * Returns the hash code of the registry, such as {@code UP_3_}. Reads it from the delta, which is
   * small, or from the full registry if the node has no delta.
   */
  String registryHash() throws IOException, InterruptedException {
    try {
      return readHash("/apps/delta");
    } catch (IOException e) {
      return readHash("/apps");
    }
  }

  private String readHash(String path) throws IOException, InterruptedException {
    try (InputStream body = open(path);
        JsonParser parser = json.createParser(ObjectReadContext.empty(), body)) {
      while (parser.nextToken() != null) {
        if (isValueOf(parser, "apps__hashcode")) {
          return parser.getString();
        }
      }
      throw new IOException(path + " has no apps__hashcode");
    } catch (JacksonException e) {
      throw new IOException(path + " is not a registry document: " + e.getOriginalMessage(), e);
    }
  }

  /** Returns the number of instances in a hash code, of any status. */
  static long total(String hashCode) {
    Matcher counts = COUNT_OF_STATUS.matcher(hashCode);
    long total = 0;
    while (counts.find()) {
      total += Long.parseLong(counts.group(1));
    }
    return total;
  }

  /** Returns the indices of the fleet's instances in the full registry. */
  BitSet instanceIndices() throws IOException, InterruptedException {
    BitSet indices = new BitSet();
    try (InputStream body = open("/apps");
        JsonParser parser = json.createParser(ObjectReadContext.empty(), body)) {
      while (parser.nextToken() != null) {
        if (isValueOf(parser, "instanceId")) {
          Fleet.indexOf(parser.getString()).ifPresent(indices::set);
        }
      }
    } catch (JacksonException e) {
      throw new IOException("/apps is not a registry document: " + e.getOriginalMessage(), e);
    }
    return indices;
  }

  private static boolean isValueOf(JsonParser parser, String name) {
    return parser.currentToken() == JsonToken.VALUE_STRING && name.equals(parser.currentName());
  }

  private InputStream open(String path) throws IOException, InterruptedException {
    HttpResponse<InputStream> response = http.send(
        RegistryRequest.of(service, path).build(), HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != OK) {
      response.body().close();
      throw new IOException(path + " returned status " + response.statusCode());
    }
    InputStream body = response.body();
    CompletableFuture.delayedExecutor(bodyMsMax, TimeUnit.MILLISECONDS)
        .execute(() -> closeQuietly(body));
    return body;
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
