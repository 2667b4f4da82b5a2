// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The Java snippets of a README, compiled as a module that requires the client's module only. A
 * snippet that declares a type is a compilation unit; any other becomes the body of a method, with
 * the given imports and members.
 */
final class Snippets {
  private static final String MODULE = "module snippets { requires io.systole.client; }\n";
  private static final String PACKAGE = "package snippets;\n";

  private static final Pattern BLOCK = Pattern.compile("(?ms)^```java\\n(.*?)^```$");
  private static final Pattern TYPE =
      Pattern.compile("(?m)^(?:public )?(?:final )?(?:class|record|interface|enum) (\\w+)");

  private final List<String> blocks = new ArrayList<>();

  private Snippets(String markdown) {
    Matcher matcher = BLOCK.matcher(markdown);
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
  }

  static Snippets of(Path readme) throws IOException {
    return new Snippets(Files.readString(readme));
  }

  int count() {
    return blocks.size();
  }

  /** Returns the number of complete programs. */
  int programCount() {
    return Math.toIntExact(
        blocks.stream().filter(block -> block.contains("void main(")).count());
  }

  /**
   * Compiles all snippets.
   *
   * @param imports added to each snippet that declares no type
   * @param members fields in addition to the method of such a snippet
   * @return the output of the compiler; empty if all compile
   */
  String compile(String imports, String members, Path classes) {
    List<JavaFileObject> sources = new ArrayList<>();
    sources.add(source("module-info", MODULE));
    for (int index = 0; index < blocks.size(); index++) {
      String block = blocks.get(index);
      Matcher type = TYPE.matcher(block);
      if (type.find()) {
        sources.add(source(type.group(1), PACKAGE + block));
      } else {
        String name = "Snippet" + (index + 1);
        String body = "class " + name + " {\n" + members + "\nvoid run() throws Exception {\n"
            + block + "\n}\n}\n";
        sources.add(source(name, PACKAGE + imports + body));
      }
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter report = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options = List.of(
          "-proc:none",
          "--module-path",
          System.getProperty("java.class.path"),
          "-d",
          classes.toString());
      boolean isCompiled =
          compiler.getTask(report, files, null, options, null, sources).call();
      return isCompiled ? "" : report.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JavaFileObject source(String name, String text) {
    URI uri = URI.create("string:///" + name + ".java");
    return new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }
}
