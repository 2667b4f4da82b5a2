// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** The files of the page, read from the class path once and compressed. Immutable. */
public final class PageFiles {
  /** The file of the page itself. */
  static final String INDEX = "index.html";

  /** The maximum size of a file: both forms of each stay in memory. */
  static final int FILE_BYTES_MAX = 1 << 20;

  private static final Map<String, String> TYPES = Map.of(
      "html", "text/html; charset=utf-8",
      "css", "text/css; charset=utf-8",
      "js", "text/javascript; charset=utf-8",
      "svg", "image/svg+xml");

  private static final int TAG_BYTES = 8;

  /**
   * A file.
   *
   * @param tag its entity tag without quotes, which changes with the content
   * @param plain not to be modified
   * @param gzip the same compressed; not to be modified
   */
  @SuppressWarnings("ArrayRecordComponent") // Files are sent, never compared.
  record PageFile(String contentType, String tag, byte[] plain, byte[] gzip) {}

  private final Map<String, PageFile> files = new HashMap<>();

  /**
   * Reads the files beside the class.
   *
   * @throws IllegalStateException if there is no page or a file is too large, which is a defect of
   *     the build
   */
  public PageFiles() {
    try {
      for (String name : names()) {
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type != null) {
          files.put(name, read(name, type));
        }
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Returns the names of the files in the folder of the page, those of classes too. */
  private static List<String> names() throws IOException {
    URL index = PageFiles.class.getResource(INDEX);
    if (index == null) {
      throw new IllegalStateException("the class path lacks the page's file " + INDEX);
    }
    URLConnection connection = index.openConnection();
    if (!(connection instanceof JarURLConnection inJar)) {
      try (Stream<Path> folder =
          Files.list(Path.of(URI.create(index.toString())).getParent())) {
        return folder.map(file -> file.getFileName().toString()).toList();
      }
    }
    String entry = inJar.getEntryName();
    String folder = entry.substring(0, entry.length() - INDEX.length());
    return inJar.getJarFile().stream()
        .map(JarEntry::getName)
        .filter(name -> name.startsWith(folder) && name.indexOf('/', folder.length()) < 0)
        .map(name -> name.substring(folder.length()))
        .toList();
  }

  private static PageFile read(String name, String type) throws IOException {
    try (InputStream file = PageFiles.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("the class path lacks the page's file " + name);
      }
      byte[] plain = file.readNBytes(FILE_BYTES_MAX + 1);
      if (plain.length > FILE_BYTES_MAX) {
        throw new IllegalStateException(name + " is larger than " + FILE_BYTES_MAX + " bytes");
      }
      return new PageFile(type, tagOf(plain), plain, compressed(plain));
    }
  }

  private static String tagOf(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(digest, 0, TAG_BYTES);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static byte[] compressed(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    }
    return bytes.toByteArray();
  }

  /** Returns the names. */
  Set<String> all() {
    return Set.copyOf(files.keySet());
  }

  /** Returns the file with this name, or null. */
  @Nullable
  PageFile find(String name) {
    return files.get(name);
  }
}
