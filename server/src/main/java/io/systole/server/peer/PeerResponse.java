// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A response of a peer.
 *
 * @param nodeId the peer's {@code Systole-Node}, null from stock servers
 * @param isGzipped whether the body is compressed
 * @param isCurrent whether the body is a registry as of now, and not a stock server's cached one
 * @param isKeepAlive whether the peer keeps the connection open
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
record PeerResponse(
    int status,
    byte[] body,
    @Nullable String nodeId,
    boolean isGzipped,
    boolean isCurrent,
    boolean isKeepAlive) {

  /** The header field with the id of a Systole node's run. */
  private static final String NODE_ID = "Systole-Node";

  /** Those of nodes have 36 characters. */
  private static final int NODE_ID_LENGTH_MAX = 64;

  /** The header field with the version of a Systole node's registry. */
  private static final String REGISTRY_VERSION = "Systole-Version";

  /** Returns a response with a body. */
  static PeerResponse of(HttpResponse response, byte[] body) {
    String encoding = response.headers().get(HttpHeaderNames.CONTENT_ENCODING);
    return new PeerResponse(
        response.status().code(),
        body,
        nodeIdOf(response),
        encoding != null && HttpHeaderValues.GZIP.contentEqualsIgnoreCase(encoding),
        response.headers().contains(REGISTRY_VERSION),
        HttpUtil.isKeepAlive(response));
  }

  private static @Nullable String nodeIdOf(HttpResponse response) {
    String id = response.headers().get(NODE_ID);
    return id == null || id.length() > NODE_ID_LENGTH_MAX ? null : id;
  }

  /** Returns whether the request succeeded. */
  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** Returns the body, decompressed. */
  InputStream plainBody() throws IOException {
    InputStream plain = new ByteArrayInputStream(body);
    return isGzipped ? new GZIPInputStream(plain) : plain;
  }

  /** Returns the failure that a status other than success stands for. */
  IOException refusal() {
    return new IOException("status " + status);
  }
}
