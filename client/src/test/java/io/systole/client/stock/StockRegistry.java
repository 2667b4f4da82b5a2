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

/** A reader of a server's content by the JDK's HTTP client, as plain JSON. */
public final class StockRegistry {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration RESPONSE_MAX = Duration.ofSeconds(10);

  private final URI url;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Creates a reader of the server with this service URL. */
  public StockRegistry(URI url) {
    this.url = url;
  }

  /** An instance as returned by the server. */
  public record StoredInstance(
      String app,
      String id,
      String status,
      String overriddenStatus,
      String hostName,
      String ipAddr,
      int port,
      String vipAddress,
      Map<String, String> metadata,
      long lastDirtyMs,
      long lastRenewedMs) {

    /** Returns the expected representation of an instance. */
    public static StoredInstance of(InstanceInfo sent) {
      return new StoredInstance(
          sent.app(),
          sent.id(),
          sent.status().toString(),
          sent.overriddenStatus().toString(),
          String.valueOf(sent.hostName()),
          String.valueOf(sent.ipAddr()),
          sent.port().port(),
          String.valueOf(sent.vipAddress()),
          sent.metadata(),
          sent.lastDirtyMs(),
          sent.leaseInfo().lastRenewalMs());
    }

    private static StoredInstance of(JsonNode instance) {
      Map<String, String> metadata = new LinkedHashMap<>();
      instance
          .path("metadata")
          .properties()
          .forEach(entry -> metadata.put(entry.getKey(), entry.getValue().asString()));
      // Netflix's server adds a type marker (spec §6.1).
      metadata.remove("@class");
      return new StoredInstance(
          instance.path("app").asString(),
          instance.path("instanceId").asString(),
          instance.path("status").asString(),
          overriddenStatusIn(instance),
          instance.path("hostName").asString(),
          instance.path("ipAddr").asString(),
          instance.path("port").path("$").asInt(),
          instance.path("vipAddress").asString(),
          metadata,
          instance.path("lastDirtyTimestamp").asLong(),
          instance.path("leaseInfo").path("lastRenewalTimestamp").asLong());
    }

    /** Older servers write the name in lower case (spec §6.1). */
    private static String overriddenStatusIn(JsonNode instance) {
      JsonNode current = instance.path("overriddenStatus");
      return (current.isMissingNode() ? instance.path("overriddenstatus") : current).asString();
    }
  }

  /** Returns the service URL. */
  public URI url() {
    return url;
  }

  /** Returns whether the server responds. */
  public boolean isReachable() {
    try {
      return send("GET", "/apps").statusCode() == 200;
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  /** Returns whether this instance currently has an unexpired lease, bypassing the cached list. */
  public boolean holds(InstanceInfo instance) {
    return send("GET", path(instance.app(), instance.id())).statusCode() == 200;
  }

  /**
   * Returns all instances by id. Only while nothing changes: a list built during a change may be
   * cached without it.
   */
  public Map<String, StoredInstance> all() {
    Map<String, StoredInstance> all = new HashMap<>();
    for (JsonNode app : read("/apps").path("applications").path("application")) {
      for (JsonNode instance : app.path("instance")) {
        StoredInstance held = StoredInstance.of(instance);
        all.put(held.id(), held);
      }
    }
    return all;
  }

  /** Returns one instance with its lease, which the list of all lacks. */
  public StoredInstance held(String app, String id) {
    return StoredInstance.of(read(path(app, id)).path("instance"));
  }

  StoredInstance held(InstanceInfo instance) {
    return held(instance.app(), instance.id());
  }

  /** Cancels a lease, as an operator would. */
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
        // Netflix's server always compresses, and otherwise ignores the Accept header.
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
