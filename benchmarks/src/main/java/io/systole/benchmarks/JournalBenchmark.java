// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.benchmarks.readcost.DataSet;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.store.Store;
import io.systole.server.store.StoreSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: at what rate does the journal accept changes, and how long does recovery from a journal
 * take? Held fixed: documents of 960 bytes of 10,000 instances; default settings of the store; the
 * file system of the directory for temporary files, whose speed is part of the figure.
 * {@code appendJournal} registers 10,000 changes and waits until they are written;
 * {@code appendNothing} is the same without a data directory. {@code replay} opens a copy of a
 * directory whose journal has 50,000 changes. Scores are per change.
 *
 * <p>The code would change if the journal accepted fewer changes per second than the registry can
 * make, or if a million changes took longer to replay than a lease lasts.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms4g", "-Xmx4g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class JournalBenchmark {
  private static final int INSTANCES = 10_000;
  private static final int REPLAYED = 50_000;
  private static final long POLL_INTERVAL_NS = 50_000;
  private static final long CLOSE_MS_MAX = 10_000;
  private static final DataSet DATA_SET = new DataSet(INSTANCES, 100);

  /** A registry, with or without a journal, and changes to it. */
  @State(Scope.Benchmark)
  public static class Writing {
    final Clock clock = Clock.startingAtZero();
    final List<InstanceInfo> documents = new ArrayList<>(INSTANCES);
    private Path directory = Path.of("");
    private @Nullable Store store;
    private @Nullable Registry registry;

    /** Opens the store in a new directory and registers all instances. */
    @Setup
    public void open() throws IOException, MalformedDocumentException {
      directory = Files.createTempDirectory("systole-benchmark-");
      for (int i = 0; i < INSTANCES; i++) {
        byte[] bytes = DATA_SET.document(i, 0).getBytes(UTF_8);
        documents.add(new JsonCodec().decodeInstance(bytes, 0, bytes.length, clock.wallMs()));
      }
      Store opened = Store.open(settings(), clock, "filled");
      Registry filled = new Registry(ConfigParser.defaults().registry(), clock);
      store = opened;
      registry = filled;
      opened.restore(filled);
      opened.startWriting(filled);
      change();
    }

    StoreSettings settings() {
      return settings(directory.toString());
    }

    static StoreSettings settings(String directory) {
      return ConfigParser.read(Map.of("--data-dir", directory), Map.of()).store();
    }

    Path directory() {
      return directory;
    }

    /** Registers every instance again and waits until the changes are written. */
    void change() {
      Registry changed = Objects.requireNonNull(registry);
      Store writing = Objects.requireNonNull(store);
      documents.forEach(document -> changed.register(document, Origin.CLIENT));
      while (writing.health().lagChanges() > 0) {
        LockSupport.parkNanos(POLL_INTERVAL_NS);
      }
      if (writing.counts().failures() > 0) {
        throw new IllegalStateException(
            "the journal failed: " + writing.health().degradation());
      }
    }

    /** Closes the store and deletes its directory. */
    @TearDown
    public void close() throws IOException {
      Objects.requireNonNull(store).close(CLOSE_MS_MAX);
      delete(directory);
    }
  }

  /** The same without a journal. */
  @State(Scope.Benchmark)
  public static class InMemory extends Writing {
    @Override
    StoreSettings settings() {
      return settings("none");
    }
  }

  /** A data directory after a crash. */
  @State(Scope.Benchmark)
  public static class Crashed {
    private Path directory = Path.of("");

    /** Writes a journal and copies it while its store is open. */
    @Setup
    public void crash() throws IOException, MalformedDocumentException {
      directory = Files.createTempDirectory("systole-benchmark-");
      Writing writing = new Writing();
      writing.open();
      for (int written = INSTANCES; written < REPLAYED; written += INSTANCES) {
        writing.change();
      }
      try (Stream<Path> files = Files.list(writing.directory())) {
        files.forEach(file -> copy(file, directory.resolve(file.getFileName())));
      }
      writing.close();
    }

    private static void copy(Path from, Path to) {
      try {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    /** Deletes the directory. */
    @TearDown
    public void close() throws IOException {
      delete(directory);
    }
  }

  /** Measures changes with the journal. */
  @Benchmark
  @OperationsPerInvocation(INSTANCES)
  public void appendJournal(Writing writing) {
    writing.change();
  }

  /** Measures changes without a journal. */
  @Benchmark
  @OperationsPerInvocation(INSTANCES)
  public void appendNothing(InMemory memory) {
    memory.change();
  }

  /** Measures recovery from the directory. */
  @Benchmark
  @OperationsPerInvocation(REPLAYED)
  public long replay(Crashed crashed) throws IOException {
    Store store = Store.open(
        Writing.settings(crashed.directory.toString()), Clock.startingAtZero(), "replayed");
    long version = store.versionAfter();
    store.close(CLOSE_MS_MAX);
    if (version == 0) {
      throw new IllegalStateException("nothing was replayed from " + crashed.directory);
    }
    return version;
  }

  private static void delete(Path directory) throws IOException {
    Files.walkFileTree(directory, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
          throws IOException {
        Files.delete(file);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
          throws IOException {
        Files.delete(visited);
        return FileVisitResult.CONTINUE;
      }
    });
  }
}
