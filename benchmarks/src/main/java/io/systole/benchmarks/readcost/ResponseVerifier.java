// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.protocol.http.HttpMethod;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Fetches the registry and checks each response. Not thread-safe. */
final class ResponseVerifier {
  /**
   * A checked response.
   *
   * @param endNs time of its last byte, monotonic ns
   * @param bytes of the body as sent
   * @param isFound whether it contains the pattern
   */
  record Reading(
      long endNs, long bytes, boolean isFound, @Nullable String etag) {}

  private final BodyBuffer compressed = new BodyBuffer();

  /**
   * Fetches once. A compressed response is buffered and inflated after the clock has been read; an
   * uncompressed one, which may be a gigabyte, is searched while it arrives.
   *
   * @param pattern see {@link ByteSearch}
   * @throws IOException if the response is not a 200, has another coding than requested, or is not
   *     valid gzip
   */
  Reading read(BlockingHttpConnection connection, String prefix, Fetch fetch, byte[] pattern)
      throws IOException {
    byte[] request = fetch.request(prefix, null);
    connection.send(request, 0, request.length);
    ByteSearch search = new ByteSearch(pattern);
    compressed.clear();
    BlockingHttpConnection.ResponseInfo response =
        connection.receive(HttpMethod.GET, fetch.isGzipped() ? compressed : search);
    long endNs = System.nanoTime();
    BlockingHttpConnection.require(response, 200);
    if (fetch.isGzipped() != "gzip".equals(response.coding())) {
      throw new IOException(fetch.label() + " came with Content-Encoding " + response.coding());
    }
    long bytes = search.bytes();
    if (fetch.isGzipped()) {
      compressed.inflateTo(search);
      bytes = compressed.length();
    }
    return new Reading(endNs, bytes, search.isFound(), response.etag());
  }
}
