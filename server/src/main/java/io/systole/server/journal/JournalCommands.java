// SPDX-License-Identifier: Apache-2.0
package io.systole.server.journal;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.PersistedLease;
import io.systole.server.store.CorruptRange;
import io.systole.server.store.JournalEntry;
import io.systole.server.store.JournalQuery;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/**
 * The subcommands of {@code systole journal}. Exit codes: 0 success, 1 no result or damaged files,
 * 2 invalid arguments. Unreadable ranges are reported on the error stream.
 */
@Command(
    name = "systole journal",
    description = "Reads the journals and snapshots of a data directory; changes nothing.",
    mixinStandardHelpOptions = true)
public final class JournalCommands {
  static final int NOTHING = 1;

  private static final String DIRECTORY = "the data directory";
  private static final String TIME = "like 2026-01-01T00:00:00Z, or epoch milliseconds";

  private final PrintStream out;
  private final PrintStream err;
  private final JournalEntryFormatter text = new JournalEntryFormatter();

  private JournalCommands(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Runs the subcommand named by the arguments; returns the exit code. */
  public static int run(List<String> arguments, PrintStream out, PrintStream err) {
    CommandLine commandLine = new CommandLine(new JournalCommands(out, err));
    // A directory may begin with @.
    commandLine.setExpandAtFiles(false);
    commandLine.registerConverter(Instant.class, new Moment());
    commandLine.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    commandLine.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    commandLine.setExecutionExceptionHandler((failure, command, parsed) -> {
      err.println("systole: " + failure.getMessage());
      return NOTHING;
    });
    return commandLine.execute(
        arguments.isEmpty() ? new String[] {"--help"} : arguments.toArray(String[]::new));
  }

  /** Converts a time argument. */
  private static final class Moment implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String value) {
      try {
        return value.matches("\\d+")
            ? Instant.ofEpochMilli(Long.parseLong(value))
            : Instant.parse(value);
      } catch (DateTimeParseException | NumberFormatException malformed) {
        throw new TypeConversionException("'" + value + "' is not a time " + TIME);
      }
    }
  }

  @Command(
      name = "cat",
      description = "Prints all records, one per line.",
      mixinStandardHelpOptions = true)
  int cat(
      @Parameters(paramLabel = "DIR", description = DIRECTORY) Path directory,
      @Option(names = "--json", description = "print JSON objects") boolean isJson,
      @Option(names = "--since", paramLabel = "TIME", description = TIME) @Nullable Instant since,
      @Option(names = "--until", paramLabel = "TIME", description = TIME) @Nullable Instant until,
      @Option(names = "--app", paramLabel = "APP", description = "only records of this application")
          @Nullable
          String app)
      throws IOException {
    journal(directory).read(entry -> {
      Instant at = Instant.ofEpochMilli(entry.atMs());
      boolean matches = (since == null || !at.isBefore(since))
          && (until == null || !at.isAfter(until))
          && (app == null || isOf(app, entry));
      if (matches) {
        out.println(isJson ? text.json(entry) : text.line(entry));
      }
      return true;
    });
    return 0;
  }

  private static boolean isOf(String app, JournalEntry entry) {
    String upper = app.toUpperCase(Locale.ROOT);
    return (entry instanceof JournalEntry.Changed changed && changed.key().app().equals(upper))
        || (entry instanceof JournalEntry.Omitted omitted && omitted.key().app().equals(upper));
  }

  @Command(
      name = "at",
      description = "Prints the registry as of a time, in the protocol's JSON.",
      mixinStandardHelpOptions = true)
  int at(
      @Parameters(index = "0", paramLabel = "DIR", description = DIRECTORY) Path directory,
      @Parameters(index = "1", paramLabel = "TIME", description = TIME) Instant time)
      throws IOException {
    JournalQuery history = history(directory);
    Collection<PersistedLease> leases = history.at(time.toEpochMilli());
    if (leases == null) {
      Long fromMs = history.knownFromMs();
      err.println("systole: the registry of " + time + " can't be restored; "
          + (fromMs == null
              ? "there is no snapshot"
              : "the earliest time is " + Instant.ofEpochMilli(fromMs)));
      return NOTHING;
    }
    byte[] json = new JsonCodec().encodeApplications(applications(leases), Form.FULL);
    out.println(EscapedText.json(new String(json, StandardCharsets.UTF_8)));
    return 0;
  }

  private static Applications applications(Collection<PersistedLease> leases) {
    Map<String, List<InstanceInfo>> apps = new TreeMap<>();
    for (PersistedLease lease : leases) {
      InstanceInfo instance = lease.instance();
      apps.computeIfAbsent(instance.app(), any -> new ArrayList<>()).add(instance);
    }
    List<Application> applications = new ArrayList<>();
    apps.forEach((name, instances) -> applications.add(new Application(name, instances)));
    return new Applications("1", AppsHashCode.of(applications), applications);
  }

  @Command(
      name = "history",
      description = "Prints all changes of an instance: time, cause and origin.",
      mixinStandardHelpOptions = true)
  int history(
      @Parameters(index = "0", paramLabel = "DIR", description = DIRECTORY) Path directory,
      @Parameters(index = "1", paramLabel = "APP", description = "application") String app,
      @Parameters(index = "2", paramLabel = "ID", description = "instance id") String id,
      @Option(names = "--json", description = "print JSON objects") boolean isJson)
      throws IOException {
    InstanceKey key = new InstanceKey(app, id);
    int[] reported = {0};
    journal(directory).read(key, entry -> {
      reported[0]++;
      out.println(isJson ? text.json(entry) : text.line(entry));
    });
    if (reported[0] == 0) {
      err.println("systole: no change of %s/%s is recorded"
          .formatted(EscapedText.token(key.app()), EscapedText.token(key.id())));
      return NOTHING;
    }
    return 0;
  }

  @Command(
      name = "verify",
      description = "Reads all files and reports damage.",
      mixinStandardHelpOptions = true)
  int verify(@Parameters(paramLabel = "DIR", description = DIRECTORY) Path directory)
      throws IOException {
    JournalQuery.VerifyResult result = journal(directory).verify();
    out.println("files=%d records=%d leases=%d version=%d"
        .formatted(result.files(), result.records(), result.leases(), result.version()));
    for (CorruptRange corruptRange : result.corruptRanges()) {
      out.println((corruptRange.isTail() ? "torn last write: " : "damaged: ") + corruptRange);
    }
    for (String missing : result.missing()) {
      out.println("missing: versions " + missing);
    }
    out.println(
        result.isSound()
            ? "ok: a start restores every change up to the last record"
            : "damaged: a start restores only the readable changes");
    return result.isSound() ? 0 : NOTHING;
  }

  private JournalQuery journal(Path directory) throws IOException {
    JournalQuery history = history(directory);
    if (!history.hasJournal()) {
      throw new IOException("no journal in " + directory);
    }
    return history;
  }

  private JournalQuery history(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IOException(directory + " is not a directory");
    }
    return new JournalQuery(
        directory, corruptRange -> err.println("systole: skipped " + corruptRange));
  }
}
