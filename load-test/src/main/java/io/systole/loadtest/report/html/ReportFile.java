// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static com.fasterxml.jackson.annotation.JsonSetter.Value.construct;
import static com.fasterxml.jackson.annotation.JsonSetter.Value.forValueNulls;

import com.fasterxml.jackson.annotation.Nulls;
import io.systole.loadtest.report.Capacity;
import io.systole.loadtest.report.ComparisonReport;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Comparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A reader of JSON reports, possibly written by another version of this tool. */
public final class ReportFile {
  /** Rejects documents with missing members, and nulls where a report has none. */
  private static final JsonMapper STRICT = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .changeDefaultNullHandling(nulls -> construct(Nulls.FAIL, Nulls.FAIL))
      .withConfigOverride(Comparison.class, as -> as.setNullHandling(forValueNulls(Nulls.SET)))
      .withConfigOverride(Report.Reads.class, as -> as.setNullHandling(forValueNulls(Nulls.SET)))
      .withConfigOverride(Double.class, as -> as.setNullHandling(forValueNulls(Nulls.SET)))
      .withConfigOverride(Long.class, as -> as.setNullHandling(forValueNulls(Nulls.SET)))
      .build();

  private ReportFile() {}

  /**
   * Reads a {@code --json} file: one series of a run, two of a comparison.
   *
   * @throws IOException naming the file and the defect
   */
  public static List<Series> read(Path file) throws IOException {
    return read(
        file,
        json -> json.has("a")
            ? Series.of(STRICT.treeToValue(json, ComparisonReport.class))
            : List.of(Series.of(STRICT.treeToValue(json, Report.class))));
  }

  /**
   * Reads a {@code capacity --json} file; null if it is of another kind.
   *
   * @throws IOException naming the file and the defect
   */
  public static @Nullable Capacity readCapacity(Path file) throws IOException {
    return read(file, json -> json.has("trials") ? STRICT.treeToValue(json, Capacity.class) : null);
  }

  private static <T extends @Nullable Object> T read(Path file, Function<JsonNode, T> reader)
      throws IOException {
    try {
      JsonNode json = STRICT.readTree(bytes(file));
      if (!json.isObject()) {
        throw new IOException(file + " is not a report: expected an object");
      }
      return reader.apply(json);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is not a report: " + e.getMessage(), e);
    } catch (JacksonException e) {
      throw new IOException(
          file + " is not a report of this version of the load test: " + reason(e), e);
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException("no such file: " + file, e);
    } catch (IOException e) {
      throw new IOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static String reason(JacksonException e) {
    String path = e.getPath().stream()
        .map(step -> step.getPropertyName() == null
            ? Integer.toString(step.getIndex())
            : step.getPropertyName())
        .collect(Collectors.joining("."));
    return e.getOriginalMessage() + (path.isEmpty() ? "" : " (at " + path + ")");
  }
}
