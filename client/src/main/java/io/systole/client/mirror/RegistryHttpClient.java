// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.net.LimitedBodySubscriber;
import io.systole.client.net.MemberUrls;
import io.systole.client.net.TlsContext;
import io.systole.protocol.codec.DocumentLimits;
import io.systole.protocol.codec.MemberListReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client for registry servers with limits on size and time. Confined to the mirror's
 * thread, which also serves as its executor; no method blocks.
 */
final class RegistryHttpClient {
  private static final int NOT_MODIFIED = 304;
  private static final int OK = 200;
  private static final int REDIRECTS_FIRST = 300;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERRORS_FIRST = 500;

  /** Limit of error bodies, which are read so that the connection can be reused. */
  private static final int ERROR_BODY_BYTES_MAX = 65_536;

  /**
   * A decompressed response.
   *
   * @param tag entity tag, null without one
   * @param version {@code Systole-Version}, or {@link RegistrySnapshot#NO_VERSION}
   * @param retryAfterMs 0 without the field
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record RegistryResponse(
      int status, byte[] body, @Nullable String tag, long version, long retryAfterMs) {
    boolean isOk() {
      return status == OK;
    }

    /** Returns whether the status shows that the URL is not that of a registry. */
    boolean isNotFromRegistry() {
      boolean isTemporary = status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS;
      return status >= REDIRECTS_FIRST && status < SERVER_ERRORS_FIRST && !isTemporary;
    }

    boolean isNotModified() {
      return status == NOT_MODIFIED;
    }
  }

  /** A response without its header fields. */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record PlainResponse(int status, byte[] body) {}

  private final MirrorConfig config;
  private final @Nullable TlsContext tls;
  private final ScheduledExecutorService thread;

  /** Null once closed; open connections end when it is collected. */
  private @Nullable HttpClient http;

  private CompletableFuture<?> requested = CompletableFuture.completedFuture("");

  RegistryHttpClient(
      MirrorConfig config, @Nullable TlsContext tls, ScheduledExecutorService thread) {
    this.config = config;
    this.tls = tls;
    this.thread = thread;
    this.http = newClient();
  }

  private HttpClient newClient() {
    HttpClient.Builder builder = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofMillis(config.connectTimeoutMs()))
        .executor(thread);
    return tls == null
        ? builder.build()
        : builder.sslContext(tls.currentOfJdk()).build();
  }

  /** Applies changed TLS files to new connections. */
  void renew() {
    if (http != null && tls != null && tls.reload()) {
      http = newClient();
    }
  }

  /**
   * Requests a list; completes on the mirror's thread.
   *
   * @param tag entity tag of the known response, null for an unconditional request
   */
  CompletableFuture<RegistryResponse> get(MirrorServer server, String path, @Nullable String tag) {
    HttpRequest.Builder request = request(server, server.at(path))
        .header("Accept", "application/json")
        .header("Accept-Encoding", "gzip");
    if (tag != null) {
      request.header("If-None-Match", tag);
    }
    var sent = send(
        request.build(),
        head -> head.statusCode() == OK
            ? new LimitedBodySubscriber(
                config.bodyBytesMax(), "body exceeds bodyBytesMax=" + config.bodyBytesMax())
            : new LimitedBodySubscriber(
                ERROR_BODY_BYTES_MAX, "long body of status " + head.statusCode()));
    return sent.thenApplyAsync(this::response, thread);
  }

  /** Requests the members of a native cluster; completes on the mirror's thread. */
  CompletableFuture<PlainResponse> members(MirrorServer server) {
    HttpRequest request = request(server, server.atRoot(MemberUrls.PATH))
        .header("Accept", "application/json")
        .build();
    var sent = send(
        request,
        head -> new LimitedBodySubscriber(
            MemberListReader.BYTES_MAX, "long list of members, status " + head.statusCode()));
    return sent.thenApplyAsync(
        response -> new PlainResponse(response.statusCode(), response.body()), thread);
  }

  /**
   * Opens the stream of changes after a version. The response of a server without streams is
   * discarded.
   */
  SseSubscriber open(
      MirrorServer server, long version, SseSubscriber.SseSubscriptionListener listener) {
    HttpRequest request = request(server, server.at("/apps"))
        .header("Accept", SseSubscriber.MEDIA_TYPE)
        .header("Last-Event-ID", Long.toString(version))
        .build();
    int eventBytesMax = Math.min(config.bodyBytesMax(), 2 * DocumentLimits.INSTANCE_BYTES_MAX);
    SseSubscriber stream =
        new SseSubscriber(eventBytesMax, config.streamSilenceMs(), listener, thread);
    var sent = send(
        request,
        head -> SseSubscriber.isOffered(head)
            ? stream
            : BodySubscribers.mapping(
                new LimitedBodySubscriber(0, "no stream, status " + head.statusCode()),
                nothing -> false));
    sent.whenCompleteAsync(
        (response, failure) -> {
          if (failure != null) {
            stream.end(failure);
          } else if (!response.body()) {
            stream.end(new IOException("no stream, status " + response.statusCode()));
          }
        },
        thread);
    return stream;
  }

  private static HttpRequest.Builder request(MirrorServer server, URI url) {
    HttpRequest.Builder request = HttpRequest.newBuilder(url);
    if (server.authorization() != null) {
      request.header("Authorization", server.authorization());
    }
    return request;
  }

  private <T> CompletableFuture<HttpResponse<T>> send(
      HttpRequest request, HttpResponse.BodyHandler<T> body) {
    HttpClient client = http;
    if (client == null) {
      return CompletableFuture.failedFuture(new IOException("the mirror is closed"));
    }
    CompletableFuture<HttpResponse<T>> sent = client.sendAsync(request, body);
    requested = sent;
    ScheduledFuture<?> deadline =
        thread.schedule(() -> sent.cancel(true), config.responseTimeoutMs(), TimeUnit.MILLISECONDS);
    return sent.whenComplete((response, failure) -> deadline.cancel(false));
  }

  private RegistryResponse response(HttpResponse<byte[]> response) {
    HttpHeaders headers = response.headers();
    try {
      return new RegistryResponse(
          response.statusCode(),
          decompressed(response.body(), headers.firstValue("content-encoding").orElse("")),
          headers.firstValue("etag").orElse(null),
          number(headers, "systole-version", RegistrySnapshot.NO_VERSION),
          TimeUnit.SECONDS.toMillis(number(headers, "retry-after", 0)));
    } catch (IOException broken) {
      throw new CompletionException(broken);
    }
  }

  private byte[] decompressed(byte[] body, String coding) throws IOException {
    switch (coding.toLowerCase(Locale.ROOT)) {
      case "", "identity" -> {
        return body;
      }
      case "gzip", "x-gzip" -> {
        if (body.length == 0) {
          return body;
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
          byte[] plain = in.readNBytes(config.bodyBytesMax() + 1);
          if (plain.length > config.bodyBytesMax()) {
            throw new IOException(
                "decompressed body exceeds bodyBytesMax=" + config.bodyBytesMax());
          }
          return plain;
        }
      }
      default -> throw new IOException("content coding \"" + coding + "\" was not requested");
    }
  }

  /**
   * Returns the number in a header field, or the default if it is absent or not a non-negative
   * number.
   */
  private static long number(HttpHeaders headers, String name, long otherwise) {
    String text = headers.firstValue(name).orElse("");
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : otherwise;
  }

  /** Returns the description of a failure for logs. */
  String reason(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
    if (cause instanceof CancellationException) {
      return "no complete response within responseTimeoutMs=" + config.responseTimeoutMs();
    }
    if (cause instanceof HttpTimeoutException) {
      return "no connection within connectTimeoutMs=" + config.connectTimeoutMs();
    }
    return cause.toString();
  }

  void close() {
    requested.cancel(true);
    http = null;
  }
}
