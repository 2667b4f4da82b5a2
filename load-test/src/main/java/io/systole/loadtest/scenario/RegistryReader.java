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

/** Asks one node what it has registered; any thread. */
final class RegistryReader {
  private static final int OK = 200;

  /** The timeout of a request ends with the head of its answer; a body may stop to come, too. */
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

  /** @param bodyMsMax from the head of an answer to its end */
  RegistryReader(URI service, long bodyMsMax) {
    this.service = service;
    this.bodyMsMax = bodyMsMax;
  }

  /**
   * Returns the hash code of all that is registered, such as {@code UP_3_}. The delta holds it too
   * and is small; where a node has none, the full answer is begun.
   */
  String hashCodeOfAll() throws IOException, InterruptedException {
    try {
      return hashCodeIn("/apps/delta");
    } catch (IOException e) {
      return hashCodeIn("/apps");
    }
  }

  private String hashCodeIn(String path) throws IOException, InterruptedException {
    try (InputStream body = open(path);
        JsonParser parser = json.createParser(ObjectReadContext.empty(), body)) {
      while (parser.nextToken() != null) {
        if (isValueOf(parser, "apps__hashcode")) {
          return parser.getString();
        }
      }
      throw new IOException(path + " has no apps__hashcode");
    } catch (JacksonException e) {
      throw new IOException(path + " is no registry: " + e.getOriginalMessage(), e);
    }
  }

  /** Returns how many instances a hash code stands for, of whatever status. */
  static long total(String hashCode) {
    Matcher counts = COUNT_OF_STATUS.matcher(hashCode);
    long total = 0;
    while (counts.find()) {
      total += Long.parseLong(counts.group(1));
    }
    return total;
  }

  /** Returns which instances of the fleet are registered, by reading all. */
  BitSet seen() throws IOException, InterruptedException {
    BitSet seen = new BitSet();
    try (InputStream body = open("/apps");
        JsonParser parser = json.createParser(ObjectReadContext.empty(), body)) {
      while (parser.nextToken() != null) {
        if (isValueOf(parser, "instanceId")) {
          Fleet.indexOf(parser.getString()).ifPresent(seen::set);
        }
      }
    } catch (JacksonException e) {
      throw new IOException("/apps is no registry: " + e.getOriginalMessage(), e);
    }
    return seen;
  }

  private static boolean isValueOf(JsonParser parser, String name) {
    return parser.currentToken() == JsonToken.VALUE_STRING && name.equals(parser.currentName());
  }

  private InputStream open(String path) throws IOException, InterruptedException {
    HttpResponse<InputStream> response = http.send(
        RegistryRequest.of(service, path).build(), HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != OK) {
      response.body().close();
      throw new IOException(path + " answered " + response.statusCode());
    }
    InputStream body = response.body();
    CompletableFuture.delayedExecutor(bodyMsMax, TimeUnit.MILLISECONDS).execute(() -> cut(body));
    return body;
  }

  /**
   * Whoever still reads is told that the stream is closed; to one that was read it does nothing.
   */
  private static void cut(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // It has ended either way.
    }
  }
}
