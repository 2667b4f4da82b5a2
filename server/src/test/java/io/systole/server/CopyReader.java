// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.model.Applications;
import io.systole.server.responsecache.DocumentFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps a copy of the registry by what one connection is answered. For one thread. */
final class CopyReader implements AutoCloseable {
  /**
   * How a reader asks.
   *
   * @param isConditional whether it says what it has already
   */
  record Manner(DocumentFormat language, Form form, boolean isGzip, boolean isConditional) {}

  private static final Codec JSON = new JsonCodec();
  private static final Codec XML = new XmlCodec();
  private static final String ROOT = "/eureka/apps";

  private final Manner manner;
  private final KeptConnection connection;
  private final HashCodes hashCodes;
  private final FollowedRegistry copy = new FollowedRegistry();
  private final String headers;
  private @Nullable String tag;
  private long version;
  private long fetches;
  private long news;
  private long notModified;
  private long comparisons;

  CopyReader(Manner manner, int port, HashCodes hashCodes) throws IOException {
    this.manner = manner;
    this.connection = new KeptConnection(port);
    this.hashCodes = hashCodes;
    this.headers = "Host: a\r\nAccept: " + manner.language().mediaType()
        + (manner.form() == Form.COMPACT ? "\r\nX-Eureka-Accept: compact" : "")
        + (manner.isGzip() ? "\r\nAccept-Encoding: gzip" : "") + "\r\n\r\n";
  }

  /** Fetches everything; what it had must be the same, if it was as of the same change. */
  void fetchAll() throws IOException, MalformedDocumentException {
    connection.send(get(""));
    all(connection.response());
  }

  /**
   * Fetches what changed of late, so many times at once, and everything too if so said. Requests
   * that are sent at once may be served at once (RFC 9112 §9.3.2), so what they are told is taken
   * over in the order in which it came true.
   *
   * @param least what every answer must show
   */
  void fetchDeltas(int count, boolean withAll, long least)
      throws IOException, MalformedDocumentException {
    String delta = get("/delta");
    if (manner.isConditional() && tag != null) {
      delta = delta.replace("\r\nHost:", "\r\nIf-None-Match: " + tag + "\r\nHost:");
    }
    connection.send(delta.repeat(count) + (withAll ? get("") : ""));
    List<KeptConnection.Answer> deltas = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      deltas.add(connection.response());
    }
    deltas.sort(Comparator.comparingLong(KeptConnection.Answer::version));
    for (KeptConnection.Answer response : deltas) {
      delta(response, least);
    }
    if (withAll) {
      KeptConnection.Answer all = connection.response();
      assertThat(all.version()).as("%s", this).isGreaterThanOrEqualTo(least);
      all(all);
    }
  }

  /**
   * Fetches what changed after all that it knows; waits so long for it, when there is nothing.
   * Everything, when too much was missed.
   */
  void fetchSince(int waitSeconds) throws IOException, MalformedDocumentException {
    connection.send(get("/delta?wait=" + waitSeconds + "&since=" + version));
    KeptConnection.Answer response = connection.response();
    if (response.status() == 410) {
      fetchAll();
    } else {
      delta(response, version);
    }
  }

  private String get(String path) {
    return "GET " + ROOT + path + " HTTP/1.1\r\n" + headers;
  }

  private void all(KeptConnection.Answer response) throws IOException, MalformedDocumentException {
    assertThat(response.status()).isEqualTo(200);
    Applications reported = decoded(response);
    FollowedRegistry known = new FollowedRegistry();
    known.apply(reported, "everything " + as(response));
    hashCodes.note(response.version(), reported.appsHashCode());
    if (response.version() == version) {
      comparisons++;
      assertThat(copy.instances()).as("%s", this).isEqualTo(known.instances());
    }
    if (response.version() > version) {
      copy.clear();
      known.instances().values().forEach(copy::apply);
      version = response.version();
    }
    fetches++;
  }

  private void delta(KeptConnection.Answer response, long least)
      throws IOException, MalformedDocumentException {
    fetches++;
    if (response.status() == 304) {
      // What it shows was taken over already.
      assertThat(version).as("%s", this).isGreaterThanOrEqualTo(least);
      notModified++;
      return;
    }
    assertThat(response.status()).isEqualTo(200);
    Applications reported = decoded(response);
    assertThat(reported.version()).isEqualTo(Long.toString(response.version()));
    assertThat(response.version()).as("%s", this).isGreaterThanOrEqualTo(Math.max(version, least));
    copy.apply(reported, "delta " + as(response));
    hashCodes.note(response.version(), reported.appsHashCode());
    tag = response.tag();
    if (response.version() > version) {
      news++;
    }
    version = response.version();
  }

  private Applications decoded(KeptConnection.Answer response)
      throws IOException, MalformedDocumentException {
    assertThat(response.isGzip()).isEqualTo(manner.isGzip());
    byte[] plain = response.plain();
    Codec codec = manner.language() == DocumentFormat.JSON ? JSON : XML;
    return codec.decodeApplications(plain, 0, plain.length, 0);
  }

  private String as(KeptConnection.Answer response) {
    return "as of " + response.version() + " after " + this;
  }

  FollowedRegistry copy() {
    return copy;
  }

  /** Which change the copy is as of. */
  long version() {
    return version;
  }

  long fetches() {
    return fetches;
  }

  /** Deltas that told something new. */
  long news() {
    return news;
  }

  long notModified() {
    return notModified;
  }

  /** How often everything was fetched as of the same change, so that the copies must be equal. */
  long comparisons() {
    return comparisons;
  }

  @Override
  public String toString() {
    return version + " " + manner;
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
