// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.client.net.RegularFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/** A reader of YAML files as lists of values with their paths. Not thread-safe, single use. */
final class ConfigFile {
  /**
   * A scalar, or a list of scalars.
   *
   * @param location file and line, for messages
   * @param path the keys from the root, joined by dots, with indexes of lists as {@code [0]}
   * @param text as written; items of a list are joined by commas
   */
  record Entry(String location, String path, String text) {
    /** Returns place and name for messages; a URL in a wrong place may have become a key. */
    String source() {
      return location + ": " + Option.withoutCredentials(path);
    }
  }

  /**
   * A document of a file; most files have one.
   *
   * @param location file and first line
   * @param entries by path, in the order of the file
   */
  record Document(String location, Map<String, Entry> entries) {}

  /** More than any options need; bounds the recursion. */
  private static final int DEPTH_MAX = 32;

  /** Sentences for errors by the part of the parser's message that is the same for each file. */
  private static final List<Map.Entry<String, String>> REASONS = List.of(
      Map.entry(
          "mapping values are not allowed", "a second \": \" in a value, or wrong indentation"),
      Map.entry("cannot start any token", "a tab in the indentation, or a value that needs quotes"),
      Map.entry("expected ',' or ']'", "a list that is not closed by ]"),
      Map.entry("expected ',' or '}'", "a mapping that is not closed by }"),
      Map.entry("found unexpected end of stream", "a quoted value that is not closed"),
      Map.entry("could not find expected ':'", "a key without \": \""),
      Map.entry("expected <block end>", "wrong indentation"));

  private static final String PROPERTIES = ".properties";

  private final String name;
  private final JsonParser parser;
  private Map<String, Entry> entries = new LinkedHashMap<>();

  private ConfigFile(String name, JsonParser parser) {
    this.name = name;
    this.parser = parser;
  }

  /**
   * Reads a file.
   *
   * @throws InvalidOptionException if it is a file of properties, is not a regular file of at most
   *     {@link RegularFile#BYTES_MAX} bytes in UTF-8, not YAML, or has duplicate keys, aliases or a
   *     key without a value
   */
  static List<Document> read(Path file) {
    if (file.toString().endsWith(PROPERTIES)) {
      throw new InvalidOptionException(
          file + ": " + PROPERTIES + " files are not read, but YAML files of the same names");
    }
    String text = text(file);
    try (JsonParser parser =
        YAMLFactory.builder().build().createParser(ObjectReadContext.empty(), text)) {
      return new ConfigFile(file.toString(), parser).documents();
    } catch (JacksonException malformed) {
      int line = malformed.getLocation() == null ? 0 : malformed.getLocation().getLineNr();
      throw new InvalidOptionException(file + ":" + line + ": not YAML" + reasonOf(malformed));
    }
  }

  /** The parser's message quotes the file, which may contain passwords. */
  private static String reasonOf(JacksonException malformed) {
    String message = String.valueOf(malformed.getOriginalMessage());
    return REASONS.stream()
        .filter(reason -> message.contains(reason.getKey()))
        .findFirst()
        .map(reason -> ": " + reason.getValue())
        .orElse("");
  }

  private static String text(Path file) {
    try {
      return RegularFile.text(file, RegularFile.BYTES_MAX);
    } catch (NoSuchFileException absent) {
      throw new InvalidOptionException(file + ": no such file");
    } catch (FileSystemException failure) {
      throw new InvalidOptionException(file + ": can't be read: " + failure);
    } catch (IOException unusable) {
      throw new InvalidOptionException(String.valueOf(unusable.getMessage()));
    }
  }

  private List<Document> documents() {
    List<Document> documents = new ArrayList<>();
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      String location = location();
      if (token == JsonToken.START_OBJECT) {
        mapping("", 1);
      } else if (token != JsonToken.VALUE_NULL) {
        throw error("keys with values are expected");
      }
      documents.add(new Document(location, entries));
      entries = new LinkedHashMap<>();
    }
    return documents;
  }

  private void mapping(String path, int depth) {
    requireDepth(depth);
    Set<String> keys = new HashSet<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      if (!keys.add(key)) {
        throw error(Option.withoutCredentials(key) + " is a duplicate key");
      }
      value(path.isEmpty() ? key : path + "." + key, parser.nextToken(), depth);
    }
  }

  private void value(String path, JsonToken token, int depth) {
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      throw error(Option.withoutCredentials(path) + ": aliases are not supported");
    }
    switch (token) {
      case START_OBJECT -> mapping(path, depth + 1);
      case START_ARRAY -> list(path, depth + 1);
      case VALUE_NULL -> put(path, location(), "");
      default -> put(path, location(), parser.getString());
    }
  }

  /** Reads a list; scalars are joined, and mappings get separate paths. */
  private void list(String path, int depth) {
    requireDepth(depth);
    String location = location();
    Map<String, Entry> outer = entries;
    entries = new LinkedHashMap<>();
    int index = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      value(path + "[" + index++ + "]", token, depth);
    }
    Map<String, Entry> items = entries;
    entries = outer;
    boolean areScalars = items.keySet().stream().allMatch(item -> item.endsWith("]"));
    if (areScalars) {
      put(
          path,
          location,
          items.values().stream().map(Entry::text).collect(Collectors.joining(",")));
    } else {
      items.forEach((item, entry) -> put(item, entry.location(), entry.text()));
    }
  }

  private void put(String path, String location, String text) {
    Entry entry = new Entry(location, path, text);
    Entry earlier = entries.put(path, entry);
    if (earlier != null) {
      throw new InvalidOptionException(entry.source() + " is a duplicate of " + earlier.location());
    }
  }

  private void requireDepth(int depth) {
    if (depth > DEPTH_MAX) {
      throw error("nested deeper than " + DEPTH_MAX);
    }
  }

  private String location() {
    return name + ":" + parser.currentTokenLocation().getLineNr();
  }

  private InvalidOptionException error(String what) {
    return new InvalidOptionException(location() + ": " + what);
  }
}
