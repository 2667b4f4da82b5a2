// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import io.systole.client.net.LimitedBodySubscriber;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of the management endpoints of one node. Requests block. */
final class NodeClient {
  /** Far more than a page of 10,000 instances; a tree of it fits the heap of the command. */
  static final int RESPONSE_BYTES_MAX = 16 << 20;

  private static final JsonMapper MAPPER = new JsonMapper();

  private final String url;
  private final @Nullable String authorization;
  private final Duration timeout;
  private final HttpClient http;

  /**
   * Creates a client.
   *
   * @param url of the node, without a slash at its end
   * @param authorization the value of the header field, or null
   * @param timeout of a whole exchange
   * @param tls null for the certificates that the JDK trusts
   */
  NodeClient(
      String url, @Nullable String authorization, Duration timeout, @Nullable SSLContext tls) {
    this.url = url;
    this.authorization = authorization;
    this.timeout = timeout;
    HttpClient.Builder builder = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(timeout);
    http = tls == null ? builder.build() : builder.sslContext(tls).build();
  }

  String url() {
    return url;
  }

  /**
   * Parses a document of the node.
   *
   * @throws CommandException if it is not JSON
   */
  JsonNode parse(byte[] document) {
    try {
      return MAPPER.readTree(document);
    } catch (JacksonException malformed) {
      throw CommandException.unreachable("the response from " + url + " is not JSON");
    }
  }

  /** Requests a document. */
  JsonNode read(String path) {
    return parse(send("GET", path));
  }

  /**
   * Sends a request without a body and returns the body of its response, which may be empty.
   *
   * @param path with its query, encoded
   * @throws CommandException if the node refuses the request or there is no usable response
   */
  byte[] send(String method, String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
        .method(method, BodyPublishers.noBody())
        .header("Accept", "application/json");
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    HttpResponse<byte[]> response = await(http.sendAsync(
        request.build(),
        head -> new LimitedBodySubscriber(
            RESPONSE_BYTES_MAX, "more than " + RESPONSE_BYTES_MAX + " bytes")));
    if (response.statusCode() / 100 != 2) {
      throw CommandException.refused(reason(response.statusCode(), response.body(), path));
    }
    return response.body();
  }

  private HttpResponse<byte[]> await(CompletableFuture<HttpResponse<byte[]>> response) {
    try {
      return response.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      response.cancel(true);
      throw noResponse("timeout of " + timeout.toSeconds() + " s");
    } catch (ExecutionException failure) {
      throw noResponse(reason(failure.getCause()));
    } catch (InterruptedException interrupted) {
      response.cancel(true);
      Thread.currentThread().interrupt();
      throw noResponse("interrupted");
    }
  }

  private CommandException noResponse(String reason) {
    return CommandException.unreachable("no response from " + url + ": " + reason);
  }

  private String reason(@Nullable Throwable failure) {
    if (failure instanceof HttpConnectTimeoutException) {
      return "timeout of " + timeout.toSeconds() + " s";
    }
    if (failure instanceof ConnectException) {
      // Its message is absent in most cases.
      return "can't connect";
    }
    String message = failure instanceof IOException ? failure.getMessage() : null;
    return message == null ? String.valueOf(failure) : message;
  }

  /** Returns the node's own reason, or that of the status if the response has none. */
  private String reason(int status, byte[] body, String path) {
    try {
      String reason = MAPPER.readTree(body).path("reason").asString("");
      if (!reason.isEmpty()) {
        return reason;
      }
    } catch (JacksonException malformed) {
      // Such as the page of a proxy, or nothing.
    }
    String hint = switch (status) {
      case 401 -> "credentials are required, or not those of the node";
      case 403 -> "the credentials do not permit this request";
      case 404 -> "not served at this address";
      default -> "no reason given";
    };
    return status + " from " + url + path + ": " + hint;
  }
}
