// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.structure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.benchmarks.structure.SourceTree.SourceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SourceTreeTest {
  @TempDir
  private Path root;

  @Test
  void cycles_throughThirdFile_containsAllThree() throws IOException {
    write("a/src/main/java/p/A.java", "package p; class A { B b; }");
    write("a/src/main/java/p/B.java", "package p; class B { Object c = new C[0]; }");
    write("a/src/main/java/p/C.java", "package p; import static p.A.x; class C {}");
    write("a/src/main/java/p/D.java", "package p; class D { A a; }");

    List<Set<Path>> cycles = SourceTree.parse(root).cycles();

    assertThat(cycles)
        .containsExactly(Set.of(
            Path.of("a/src/main/java/p/A.java"),
            Path.of("a/src/main/java/p/B.java"),
            Path.of("a/src/main/java/p/C.java")));
  }

  @Test
  void cycles_nameOfNestedOrImportedType_isNoDependency() throws IOException {
    write("a/src/main/java/p/A.java", "package p; class A { B b; }");
    write("a/src/main/java/p/B.java", "package p; import q.A; class B { A a; }");
    write("a/src/main/java/p/C.java", "package p; class C { D d; }");
    write("a/src/main/java/p/D.java", "package p; class D { C c; class C {} }");

    List<Set<Path>> cycles = SourceTree.parse(root).cycles();

    assertThat(cycles).isEmpty();
  }

  @Test
  void sharedNames_mainAndTestOfTwoModules_containsBothFiles() throws IOException {
    write("a/src/main/java/p/A.java", "package p; class A { class C {} }");
    write("b/src/test/java/q/A.java", "package q; class A {}");
    write("b/src/main/java/q/C.java", "package q; class C {}");

    SourceTree sources = SourceTree.parse(root);

    assertThat(sources.sharedNames())
        .containsOnlyKeys("A")
        .containsEntry(
            "A", List.of(Path.of("a/src/main/java/p/A.java"), Path.of("b/src/test/java/q/A.java")));
  }

  @Test
  void mainByLines_testsAndFilesWithoutTypes_areLeftOut() throws IOException {
    write("a/src/main/java/p/A.java", "package p;\nclass A {}\n");
    write("a/src/main/java/p/B.java", "package p; public class B {}\n");
    write("a/src/main/java/p/package-info.java", "package p;\n");
    write("a/src/main/java/module-info.java", "module p {}\n");
    write("a/src/test/java/p/ATest.java", "package p; public class ATest {}\n");

    SourceTree sources = SourceTree.parse(root);

    assertThat(sources.mainByLines()).extracting(SourceFile::lines).containsExactly(1, 2);
    assertThat(sources.publicTypes("a")).containsExactly("B");
  }

  @Test
  void parse_noSources_throwsIOException() {
    assertThatThrownBy(() -> SourceTree.parse(root)).isInstanceOf(IOException.class);
  }

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
