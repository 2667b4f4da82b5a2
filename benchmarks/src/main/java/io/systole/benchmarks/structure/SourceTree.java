// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.structure;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The Java sources of all modules of a checkout, without {@code package-info.java} and
 * {@code module-info.java}. Sources are parsed only, so the checkout need not compile: a file
 * depends on another of its package if its code contains the simple name of one of that file's
 * top-level types.
 */
final class SourceTree {
  private static final Set<String> WITHOUT_TYPES = Set.of("package-info.java", "module-info.java");

  /**
   * A source file.
   *
   * @param path relative to the checkout
   * @param lines physical lines
   * @param types simple names of its top-level types
   * @param publicTypes those of them that are public
   * @param names simple names in its code that it neither declares nor imports
   */
  record SourceFile(
      Path path,
      String packageName,
      int lines,
      List<String> types,
      List<String> publicTypes,
      Set<String> names) {

    boolean isMain() {
      return path.startsWith(module().resolve("src/main"));
    }

    Path module() {
      return path.getName(0);
    }

    boolean dependsOn(SourceFile other) {
      return packageName.equals(other.packageName)
          && !equals(other)
          && other.types.stream().anyMatch(names::contains);
    }
  }

  private final List<SourceFile> files;

  private SourceTree(List<SourceFile> files) {
    this.files = files;
  }

  /** Parses the sources of the checkout at {@code root}. */
  static SourceTree parse(Path root) throws IOException {
    List<Path> paths = new ArrayList<>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path module : modules.sorted().toList()) {
        addSources(paths, module.resolve("src/main/java"));
        addSources(paths, module.resolve("src/test/java"));
      }
    }
    if (paths.isEmpty()) {
      throw new IOException("no Java sources in " + root);
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<SourceFile> files = new ArrayList<>();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task = (JavacTask) compiler.getTask(
          null,
          manager,
          diagnostic -> {},
          List.of("-proc:none"),
          null,
          manager.getJavaFileObjectsFromPaths(paths));
      for (CompilationUnitTree unit : task.parse()) {
        files.add(file(root, unit));
      }
    }
    return new SourceTree(files);
  }

  private static void addSources(List<Path> paths, Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      try (Stream<Path> walk = Files.walk(directory)) {
        walk.filter(SourceTree::hasTypes).sorted().forEach(paths::add);
      }
    }
  }

  private static boolean hasTypes(Path path) {
    String name = path.getFileName().toString();
    return name.endsWith(".java") && !WITHOUT_TYPES.contains(name);
  }

  private static SourceFile file(Path root, CompilationUnitTree unit) throws IOException {
    Path path = Path.of(unit.getSourceFile().toUri());
    String packageName = Objects.toString(unit.getPackageName(), "");
    List<String> types = new ArrayList<>();
    List<String> publicTypes = new ArrayList<>();
    for (Tree declaration : unit.getTypeDecls()) {
      if (declaration instanceof ClassTree type) {
        types.add(type.getSimpleName().toString());
        if (type.getModifiers().getFlags().contains(Modifier.PUBLIC)) {
          publicTypes.add(type.getSimpleName().toString());
        }
      }
    }
    NameScanner scanner = new NameScanner(packageName);
    scanner.scan(unit, null);
    int lines = Files.readAllLines(path).size();
    return new SourceFile(
        root.toRealPath().relativize(path.toRealPath()),
        packageName,
        lines,
        types,
        publicTypes,
        scanner.names());
  }

  /** Returns the main files in ascending order of their lengths. */
  List<SourceFile> mainByLines() {
    return main().sorted(Comparator.comparingInt(SourceFile::lines)).toList();
  }

  private Stream<SourceFile> main() {
    return files.stream().filter(SourceFile::isMain);
  }

  /** Returns the public top-level types of a module's main files. */
  List<String> publicTypes(String module) {
    return main()
        .filter(file -> file.module().equals(Path.of(module)))
        .flatMap(file -> file.publicTypes().stream())
        .sorted()
        .toList();
  }

  /**
   * Returns the files of each simple name that two or more top-level types have, tests included.
   */
  Map<String, List<Path>> sharedNames() {
    Map<String, List<Path>> byName = new TreeMap<>();
    for (SourceFile file : files) {
      file.types()
          .forEach(
              type -> byName.computeIfAbsent(type, name -> new ArrayList<>()).add(file.path()));
    }
    byName.values().removeIf(paths -> paths.size() == 1);
    return byName;
  }

  /**
   * Returns the sets of main files of a package that depend on each other, directly or indirectly.
   */
  List<Set<Path>> cycles() {
    Map<SourceFile, Set<SourceFile>> reachable = new LinkedHashMap<>();
    Map<String, List<SourceFile>> byPackage = main()
        .collect(Collectors.groupingBy(SourceFile::packageName, TreeMap::new, Collectors.toList()));
    byPackage
        .values()
        .forEach(neighbours ->
            neighbours.forEach(file -> reachable.put(file, reachable(file, neighbours))));
    Set<Set<Path>> cycles = new LinkedHashSet<>();
    reachable.forEach((file, others) -> {
      if (others.contains(file)) {
        cycles.add(others.stream()
            .filter(other -> reachable.getOrDefault(other, Set.of()).contains(file))
            .map(SourceFile::path)
            .collect(Collectors.toCollection(TreeSet::new)));
      }
    });
    return List.copyOf(cycles);
  }

  private static Set<SourceFile> reachable(SourceFile from, List<SourceFile> neighbours) {
    Set<SourceFile> reached = new HashSet<>();
    Deque<SourceFile> pending = new ArrayDeque<>(List.of(from));
    while (!pending.isEmpty()) {
      SourceFile file = pending.remove();
      for (SourceFile other : neighbours) {
        if (file.dependsOn(other) && reached.add(other)) {
          pending.add(other);
        }
      }
    }
    return reached;
  }

  /** Collects the simple names in the code of a file. */
  private static final class NameScanner extends TreeScanner<@Nullable Void, @Nullable Void> {
    private final String prefix;
    private final Set<String> used = new HashSet<>();
    private final Set<String> declared = new HashSet<>();
    private final Set<String> imported = new HashSet<>();

    NameScanner(String packageName) {
      prefix = packageName + ".";
    }

    /** Returns the names that can refer to types of the same package. */
    Set<String> names() {
      Set<String> names = new HashSet<>(used);
      names.removeAll(declared);
      names.addAll(imported);
      return names;
    }

    @Override
    public @Nullable Void visitImport(ImportTree node, @Nullable Void unused) {
      String name = node.getQualifiedIdentifier().toString();
      declared.add(name.substring(name.lastIndexOf('.') + 1));
      if (name.startsWith(prefix)) {
        // A member of a type of the same package.
        imported.add(name.substring(prefix.length()).split("\\.", 2)[0]);
      }
      return null;
    }

    @Override
    public @Nullable Void visitClass(ClassTree node, @Nullable Void unused) {
      declared.add(node.getSimpleName().toString());
      return super.visitClass(node, null);
    }

    @Override
    public @Nullable Void visitIdentifier(IdentifierTree node, @Nullable Void unused) {
      used.add(node.getName().toString());
      return null;
    }
  }
}
