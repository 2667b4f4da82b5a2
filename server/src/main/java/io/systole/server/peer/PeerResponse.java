// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
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
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
record PeerResponse(
    int status, byte[] body, @Nullable String nodeId, boolean isGzipped, boolean isCurrent) {

  /** The header field with the id of a Systole node's run. */
  private static final String NODE_ID = "Systole-Node";

  /** Those of nodes have 36 characters. */
  private static final int NODE_ID_LENGTH_MAX = 64;

  /** The header field with the version of a Systole node's registry. */
  private static final String REGISTRY_VERSION = "Systole-Version";

  /** Returns a copy of a response. */
  static PeerResponse of(FullHttpResponse response) {
    String encoding = response.headers().get(HttpHeaderNames.CONTENT_ENCODING);
    return new PeerResponse(
        response.status().code(),
        ByteBufUtil.getBytes(response.content()),
        nodeIdOf(response),
        encoding != null && HttpHeaderValues.GZIP.contentEqualsIgnoreCase(encoding),
        response.headers().contains(REGISTRY_VERSION));
  }

  private static @Nullable String nodeIdOf(FullHttpResponse response) {
    String id = response.headers().get(NODE_ID);
    return id == null || id.length() > NODE_ID_LENGTH_MAX ? null : id;
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
