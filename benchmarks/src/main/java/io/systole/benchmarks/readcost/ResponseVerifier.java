// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.protocol.http.HttpMethod;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Fetches and checks. For one thread. */
final class ResponseVerifier {
  /**
   * A checked answer.
   *
   * @param endNs when its last byte was here
   * @param bytes of the body as it was sent
   * @param isFound whether it contains what was sought
   */
  record Reading(
      long endNs, long bytes, boolean isFound, @Nullable String etag) {}

  private final BodyBuffer kept = new BodyBuffer();

  /**
   * Fetches once. A compressed answer is kept and inflated after the clock was read; one that isn't
   * compressed is searched while it arrives, since nobody wants to keep a gigabyte.
   *
   * @param pattern see {@link ByteSearch}
   * @throws IOException if the answer is no 200, isn't coded as asked for, or is no valid gzip
   */
  Reading read(BlockingHttpConnection wire, String prefix, Fetch fetch, byte[] pattern)
      throws IOException {
    byte[] request = fetch.request(prefix, null);
    wire.send(request, 0, request.length);
    ByteSearch search = new ByteSearch(pattern);
    kept.clear();
    BlockingHttpConnection.Answer response =
        wire.receive(HttpMethod.GET, fetch.isGzipped() ? kept : search);
    long endNs = System.nanoTime();
    BlockingHttpConnection.require(response, 200);
    if (fetch.isGzipped() != "gzip".equals(response.coding())) {
      throw new IOException(fetch.label() + " came with Content-Encoding " + response.coding());
    }
    long bytes = search.bytes();
    if (fetch.isGzipped()) {
      kept.inflateTo(search);
      bytes = kept.length();
    }
    return new Reading(endNs, bytes, search.isFound(), response.etag());
  }
}
