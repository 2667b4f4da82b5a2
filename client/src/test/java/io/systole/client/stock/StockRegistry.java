// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What a stock server holds, asked of it by the JDK's HTTP client and read as plain JSON. */
final class StockRegistry {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration RESPONSE_MAX = Duration.ofSeconds(10);

  private final URI url;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  StockRegistry(URI url) {
    this.url = url;
  }

  /** An instance as the server tells of it. */
  record Held(
      String app,
      String id,
      String status,
      String hostName,
      String ipAddr,
      int port,
      String vipAddress,
      Map<String, String> metadata,
      long lastDirtyMs,
      long lastRenewedMs) {

    /** What a server should tell of an instance. */
    static Held of(InstanceInfo sent) {
      return new Held(
          sent.app(),
          sent.id(),
          sent.status().toString(),
          String.valueOf(sent.hostName()),
          String.valueOf(sent.ipAddr()),
          sent.port().port(),
          String.valueOf(sent.vipAddress()),
          sent.metadata(),
          sent.lastDirtyMs(),
          sent.leaseInfo().lastRenewalMs());
    }

    private static Held of(JsonNode instance) {
      Map<String, String> metadata = new LinkedHashMap<>();
      instance
          .path("metadata")
          .properties()
          .forEach(entry -> metadata.put(entry.getKey(), entry.getValue().asString()));
      // Netflix's server puts a type marker among them (spec §6.1).
      metadata.remove("@class");
      return new Held(
          instance.path("app").asString(),
          instance.path("instanceId").asString(),
          instance.path("status").asString(),
          instance.path("hostName").asString(),
          instance.path("ipAddr").asString(),
          instance.path("port").path("$").asInt(),
          instance.path("vipAddress").asString(),
          metadata,
          instance.path("lastDirtyTimestamp").asLong(),
          instance.path("leaseInfo").path("lastRenewalTimestamp").asLong());
    }
  }

  URI url() {
    return url;
  }

  /** Whether the server answers already. */
  boolean isThere() {
    try {
      return send("GET", "/apps").statusCode() == 200;
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  /** Whether this instance has a lease that has not expired; now, not as of the last list. */
  boolean holds(InstanceInfo instance) {
    return send("GET", path(instance.app(), instance.id())).statusCode() == 200;
  }

  /**
   * Returns everyone, by id. Only while nothing changes: a list that is made during a change may be
   * kept for a while, without it.
   */
  Map<String, Held> everyone() {
    Map<String, Held> everyone = new HashMap<>();
    for (JsonNode app : read("/apps").path("applications").path("application")) {
      for (JsonNode instance : app.path("instance")) {
        Held held = Held.of(instance);
        everyone.put(held.id(), held);
      }
    }
    return everyone;
  }

  /** Returns one instance with the state of its lease, of which the list of all knows little. */
  Held held(String app, String id) {
    return Held.of(read(path(app, id)).path("instance"));
  }

  Held held(InstanceInfo instance) {
    return held(instance.app(), instance.id());
  }

  /** Ends a lease, as an operator would. */
  void delete(InstanceInfo instance) {
    HttpResponse<InputStream> response = send("DELETE", path(instance.app(), instance.id()));
    assertThat(response.statusCode()).as("DELETE %s", instance.id()).isEqualTo(200);
  }

  private static String path(String app, String id) {
    return "/apps/" + encoded(app) + "/" + encoded(id);
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private JsonNode read(String path) {
    HttpResponse<InputStream> response = send("GET", path);
    assertThat(response.statusCode()).as("GET %s", path).isEqualTo(200);
    boolean isZipped = response.headers().firstValue("Content-Encoding").isPresent();
    try (InputStream body = response.body();
        InputStream plain = isZipped ? new GZIPInputStream(body) : body) {
      return JSON.readTree(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpResponse<InputStream> send(String method, String path) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
        .method(method, HttpRequest.BodyPublishers.noBody())
        .header("Accept", "application/json")
        // Netflix's server zips in any case, and forgets what else was asked for if not asked to.
        .header("Accept-Encoding", "gzip")
        .timeout(RESPONSE_MAX)
        .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
