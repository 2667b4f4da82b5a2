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

/** A reader that keeps a copy of the registry from the responses of one connection. One thread. */
final class RegistryFollower implements AutoCloseable {
  /**
   * The kind of requests of a reader.
   *
   * @param isConditional whether deltas are requested with {@code If-None-Match}
   */
  record ReadMode(DocumentFormat language, Form form, boolean isGzip, boolean isConditional) {}

  private static final Codec JSON = new JsonCodec();
  private static final Codec XML = new XmlCodec();
  private static final String ROOT = "/eureka/apps";

  private final ReadMode mode;
  private final PersistentConnection connection;
  private final HashCodes hashCodes;
  private final ClientRegistryView copy = new ClientRegistryView();
  private final String headers;
  private @Nullable String tag;
  private long version;
  private long fetches;
  private long news;
  private long notModified;
  private long comparisons;

  RegistryFollower(ReadMode mode, int port, HashCodes hashCodes) throws IOException {
    this.mode = mode;
    this.connection = new PersistentConnection(port);
    this.hashCodes = hashCodes;
    this.headers = "Host: a\r\nAccept: " + mode.language().mediaType()
        + (mode.form() == Form.COMPACT ? "\r\nX-Eureka-Accept: compact" : "")
        + (mode.isGzip() ? "\r\nAccept-Encoding: gzip" : "") + "\r\n\r\n";
  }

  /** Fetches the full registry; the copy must equal it if it has the same version. */
  void fetchAll() throws IOException, MalformedDocumentException {
    connection.send(get(""));
    all(connection.response());
  }

  /**
   * Fetches deltas by pipelined requests, optionally followed by the full registry. Pipelined
   * requests may be processed concurrently (RFC 9112 §9.3.2), so the deltas are applied in the
   * order of their versions.
   *
   * @param least the least version of every response
   */
  void fetchDeltas(int count, boolean withAll, long least)
      throws IOException, MalformedDocumentException {
    String delta = get("/delta");
    if (mode.isConditional() && tag != null) {
      delta = delta.replace("\r\nHost:", "\r\nIf-None-Match: " + tag + "\r\nHost:");
    }
    connection.send(delta.repeat(count) + (withAll ? get("") : ""));
    List<PersistentConnection.VersionedResponse> deltas = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      deltas.add(connection.response());
    }
    deltas.sort(Comparator.comparingLong(PersistentConnection.VersionedResponse::version));
    for (PersistentConnection.VersionedResponse response : deltas) {
      delta(response, least);
    }
    if (withAll) {
      PersistentConnection.VersionedResponse all = connection.response();
      assertThat(all.version()).as("%s", this).isGreaterThanOrEqualTo(least);
      all(all);
    }
  }

  /**
   * Fetches the changes after the copy's version by long polling, or the full registry if the
   * version is too old.
   */
  void fetchSince(int waitSeconds) throws IOException, MalformedDocumentException {
    connection.send(get("/delta?wait=" + waitSeconds + "&since=" + version));
    PersistentConnection.VersionedResponse response = connection.response();
    if (response.status() == 410) {
      fetchAll();
    } else {
      delta(response, version);
    }
  }

  private String get(String path) {
    return "GET " + ROOT + path + " HTTP/1.1\r\n" + headers;
  }

  private void all(PersistentConnection.VersionedResponse response)
      throws IOException, MalformedDocumentException {
    assertThat(response.status()).isEqualTo(200);
    Applications reported = decoded(response);
    ClientRegistryView known = new ClientRegistryView();
    known.apply(reported, "everything " + as(response));
    hashCodes.record(response.version(), reported.appsHashCode());
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

  private void delta(PersistentConnection.VersionedResponse response, long least)
      throws IOException, MalformedDocumentException {
    fetches++;
    if (response.status() == 304) {
      // Its content was applied already.
      assertThat(version).as("%s", this).isGreaterThanOrEqualTo(least);
      notModified++;
      return;
    }
    assertThat(response.status()).isEqualTo(200);
    Applications reported = decoded(response);
    assertThat(reported.version()).isEqualTo(Long.toString(response.version()));
    assertThat(response.version()).as("%s", this).isGreaterThanOrEqualTo(Math.max(version, least));
    copy.apply(reported, "delta " + as(response));
    hashCodes.record(response.version(), reported.appsHashCode());
    tag = response.tag();
    if (response.version() > version) {
      news++;
    }
    version = response.version();
  }

  private Applications decoded(PersistentConnection.VersionedResponse response)
      throws IOException, MalformedDocumentException {
    assertThat(response.isGzip()).isEqualTo(mode.isGzip());
    byte[] plain = response.plain();
    Codec codec = mode.language() == DocumentFormat.JSON ? JSON : XML;
    return codec.decodeApplications(plain, 0, plain.length, 0);
  }

  private String as(PersistentConnection.VersionedResponse response) {
    return "as of " + response.version() + " after " + this;
  }

  ClientRegistryView copy() {
    return copy;
  }

  /** Returns the version of the copy. */
  long version() {
    return version;
  }

  long fetches() {
    return fetches;
  }

  /** Returns the number of deltas with changes. */
  long news() {
    return news;
  }

  long notModified() {
    return notModified;
  }

  /** Returns the number of comparisons of the copy with a full registry of the same version. */
  long comparisons() {
    return comparisons;
  }

  @Override
  public String toString() {
    return version + " " + mode;
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
