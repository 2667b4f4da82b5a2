// SPDX-License-Identifier: Apache-2.0
package io.systole.client.archive;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An archive that {@code mvn package} made, unpacked into a folder. */
public final class UnpackedArchive {
  private static final long UNPACK_SECONDS = 60;

  /** The programs that the start scripts call, besides the JVM. */
  private static final List<String> PROGRAMS =
      List.of("bash", "sh", "cat", "dirname", "printenv", "readlink", "sed");

  private static final Pattern VERSION = Pattern.compile("-\\d.*\\.jar$");
  private static final Pattern DEPENDENCE = Pattern.compile("(?m)-> (?:\\S*/)?(\\S+\\.jar)$");

  private final Path home;
  private final Path programs;

  private UnpackedArchive(Path home, Path programs) {
    this.home = home;
    this.programs = programs;
  }

  /**
   * Unpacks the archive of a module.
   *
   * @param name of the archive without its version, e.g. {@code systole}
   * @throws IOException if there is no such archive, or if it has anything beside one folder
   */
  public static UnpackedArchive in(Path target, String name, Path folder)
      throws IOException, InterruptedException {
    Path archive = single(target, name + "-[0-9]*.tar.gz");
    Path root = Files.createDirectory(folder.resolve("unpacked"));
    Process tar = new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", root.toString())
        .inheritIO()
        .start();
    if (!tar.waitFor(UNPACK_SECONDS, TimeUnit.SECONDS) || tar.exitValue() != 0) {
      tar.destroyForcibly();
      throw new IOException("can't unpack " + archive);
    }
    return new UnpackedArchive(single(root, "*"), linkPrograms(folder));
  }

  private static Path single(Path folder, String glob) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      var matcher = folder.getFileSystem().getPathMatcher("glob:" + glob);
      List<Path> found =
          files.filter(file -> matcher.matches(file.getFileName())).toList();
      if (found.size() != 1) {
        throw new IOException(folder + " has " + found + " for " + glob + ", not one");
      }
      return found.get(0);
    }
  }

  /** Creates a folder with only the programs that a launcher may call, so without Maven. */
  private static Path linkPrograms(Path folder) throws IOException {
    Path programs = Files.createDirectory(folder.resolve("programs"));
    for (String name : PROGRAMS) {
      Files.createSymbolicLink(programs.resolve(name), programOnPath(name));
    }
    return programs;
  }

  private static Path programOnPath(String name) throws IOException {
    return Arrays.stream(System.getenv("PATH").split(Pattern.quote(File.pathSeparator), -1))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IOException("no " + name + " on the PATH"));
  }

  /** Returns the folder of the archive. */
  public Path home() {
    return home;
  }

  /**
   * Returns the command line of a program of the archive, in an environment that has neither Maven
   * nor settings, and the JDK of the tests.
   */
  public ProcessBuilder command(String program, List<String> arguments) {
    ProcessBuilder builder =
        new ProcessBuilder(home.resolve("bin").resolve(program).toString());
    builder.command().addAll(arguments);
    builder.environment().clear();
    builder.environment().put("PATH", programs.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return builder;
  }

  /** Returns the names of the jars without versions, e.g. {@code netty-buffer}. */
  public Set<String> libraries() throws IOException {
    return jars().stream().map(UnpackedArchive::libraryOf).collect(sorted());
  }

  private List<Path> jars() throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("lib"))) {
      return files.filter(file -> file.toString().endsWith(".jar")).toList();
    }
  }

  private static String libraryOf(Path jar) {
    return VERSION.matcher(jar.getFileName().toString()).replaceFirst("");
  }

  private static Collector<String, ?, Set<String>> sorted() {
    return Collectors.toCollection(TreeSet::new);
  }

  /**
   * Returns the names of the jars with classes that a library of the archive refers to, directly or
   * through others, among the jars that the test runs with; itself included.
   */
  public Set<String> reachableFrom(String library) throws IOException {
    Optional<Path> main =
        jars().stream().filter(jar -> libraryOf(jar).equals(library)).findFirst();
    String classPath = Arrays.stream(
            System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1))
        .filter(entry -> entry.endsWith(".jar"))
        .collect(Collectors.joining(File.pathSeparator));
    StringWriter report = new StringWriter();
    PrintWriter writer = new PrintWriter(report);
    int status = ToolProvider.findFirst("jdeps")
        .orElseThrow()
        .run(
            writer,
            writer,
            "-recursive",
            "-summary",
            "--ignore-missing-deps",
            "--multi-release",
            "17",
            "-cp",
            classPath,
            main.orElseThrow().toString());
    if (status != 0) {
      throw new IOException(report.toString());
    }
    Matcher dependence = DEPENDENCE.matcher(report.toString());
    return Stream.concat(
            Stream.of(library),
            dependence.results().map(found -> libraryOf(Path.of(found.group(1)))))
        .collect(sorted());
  }

  /** Returns the libraries that {@code NOTICE} doesn't name; those of this project need none. */
  public Set<String> librariesWithoutNotice() throws IOException {
    List<Pattern> named = Files.readAllLines(home.resolve("NOTICE")).stream()
        .map(line -> line.split(" ", 2)[0])
        .filter(name -> !name.isEmpty())
        .map(name -> Pattern.compile(Pattern.quote(name).replace("*", "\\E.*\\Q")))
        .toList();
    return libraries().stream()
        .filter(library -> !library.startsWith("systole-"))
        .filter(
            library -> named.stream().noneMatch(name -> name.matcher(library).matches()))
        .collect(sorted());
  }
}
