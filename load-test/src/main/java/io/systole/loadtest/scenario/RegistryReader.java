// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.read.RegistryClient;
import io.systole.loadtest.runner.Fleet;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** A reader of one node's registry. Thread-safe. */
final class RegistryReader {
  private static final Pattern COUNT_OF_STATUS = Pattern.compile("_(\\d{1,9})_");

  private final RegistryClient client;
  private final JsonFactory json = new JsonFactory();

  RegistryReader(URI service) {
    this.client = new RegistryClient(service);
  }

  /**
   * Returns the hash code of the registry, such as {@code UP_3_}. Reads it from the delta, which is
   * small, or from the full registry if the node has no delta.
   */
  String registryHash() throws IOException, InterruptedException {
    try {
      return readHash("/apps/delta");
    } catch (IOException e) {
      return readHash("/apps");
    }
  }

  private String readHash(String path) throws IOException, InterruptedException {
    try (InputStream body = client.open(path);
        JsonParser parser = json.createParser(ObjectReadContext.empty(), body)) {
      while (parser.nextToken() != null) {
        if (isValueOf(parser, "apps__hashcode")) {
          return parser.getString();
        }
      }
      throw new IOException(path + " has no apps__hashcode");
    } catch (JacksonException e) {
      throw new IOException(path + " is not a registry document: " + e.getOriginalMessage(), e);
    }
  }

  /** Returns the number of instances in a hash code, of any status. */
  static long total(String hashCode) {
    Matcher counts = COUNT_OF_STATUS.matcher(hashCode);
    long total = 0;
    while (counts.find()) {
      total += Long.parseLong(counts.group(1));
    }
    return total;
  }

  /** Returns the indices of the fleet's instances in the full registry. */
  BitSet instanceIndices() throws IOException, InterruptedException {
    BitSet indices = new BitSet();
    try (InputStream body = client.open("/apps");
        JsonParser parser = json.createParser(ObjectReadContext.empty(), body)) {
      while (parser.nextToken() != null) {
        if (isValueOf(parser, "instanceId")) {
          Fleet.indexOf(parser.getString()).ifPresent(indices::set);
        }
      }
    } catch (JacksonException e) {
      throw new IOException("/apps is not a registry document: " + e.getOriginalMessage(), e);
    }
    return indices;
  }

  private static boolean isValueOf(JsonParser parser, String name) {
    return parser.currentToken() == JsonToken.VALUE_STRING && name.equals(parser.currentName());
  }
}
