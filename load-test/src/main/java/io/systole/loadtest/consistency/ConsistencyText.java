// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.consistency;

import io.systole.loadtest.consistency.ConsistencyReport.ServerSummary;
import io.systole.loadtest.consistency.InstanceDifference.MemberDifference;
import io.systole.loadtest.report.TextLines;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The text form of a comparison of registries. Texts of the servers are shortened, and their
 * control characters escaped.
 */
public final class ConsistencyText {
  private static final int MEMBERS_MAX = 20;
  private static final int VALUE_CHARS_MAX = 60;

  /** Characters shown before the first difference of long values. */
  private static final int CONTEXT_CHARS = 10;

  private static final int NAME_CHARS_MAX = 200;
  private static final String ELLIPSIS = "...";

  private ConsistencyText() {}

  /** Returns the servers, and the differences that the report contains. */
  public static String of(ConsistencyReport report) {
    TextLines text = new TextLines();
    for (ServerSummary server : report.servers()) {
      text.add(
          "%s  %s: %s%s%s",
          server.name(),
          server.url(),
          TextLines.count(server.instances(), "instance"),
          server.duplicates() == 0 ? "" : ", " + server.duplicates() + " of them repeated",
          server.malformed() == 0
              ? ""
              : ", " + server.malformed() + " more are malformed and left out");
    }
    for (InstanceDifference difference : report.differences()) {
      addTo(text, difference);
    }
    int more = report.differing() - report.differences().size();
    if (more > 0) {
      text.add("and %s", TextLines.count(more, "more instance"));
    }
    return text.toString();
  }

  /** Returns a difference in one line, without the values. */
  public static String line(InstanceDifference difference) {
    List<String> parts = new ArrayList<>();
    if (!difference.missingAt().isEmpty()) {
      parts.add(missing(difference));
    }
    if (!difference.members().isEmpty()) {
      List<String> names =
          difference.members().stream().map(MemberDifference::name).toList();
      parts.add("differs in " + cut(TextLines.escaped(String.join(", ", names))));
    }
    return key(difference) + " " + String.join(", ", parts);
  }

  private static void addTo(TextLines text, InstanceDifference difference) {
    text.add("%s", key(difference));
    if (!difference.missingAt().isEmpty()) {
      text.add("    %s", missing(difference));
    }
    List<MemberDifference> members = difference.members();
    for (MemberDifference member : members.subList(0, Math.min(members.size(), MEMBERS_MAX))) {
      text.add("    %s: %s", cut(TextLines.escaped(member.name())), values(member));
    }
    if (members.size() > MEMBERS_MAX) {
      text.add("    and %,d more members", members.size() - MEMBERS_MAX);
    }
  }

  private static String key(InstanceDifference difference) {
    return cut(TextLines.escaped(difference.app() + "/" + difference.id()));
  }

  private static String cut(String name) {
    return name.length() <= NAME_CHARS_MAX ? name : name.substring(0, NAME_CHARS_MAX) + ELLIPSIS;
  }

  private static String missing(InstanceDifference difference) {
    return "missing at " + String.join(", ", difference.missingAt());
  }

  /** Returns each value once, with the servers that have it. */
  private static String values(MemberDifference member) {
    Map<@Nullable String, String> servers = new LinkedHashMap<>();
    member
        .values()
        .forEach((server, value) -> servers.merge(value, server, (a, b) -> a + ", " + b));
    int from = Math.max(0, commonPrefix(servers.keySet()) - CONTEXT_CHARS);
    StringBuilder text = new StringBuilder();
    servers.forEach((value, names) -> text.append(text.isEmpty() ? "" : "; ")
        .append(value == null ? "absent" : shortened(value, from))
        .append(" at ")
        .append(names));
    return text.toString();
  }

  private static int commonPrefix(Collection<@Nullable String> values) {
    String first = null;
    int common = Integer.MAX_VALUE;
    for (String value : values) {
      if (value != null) {
        first = first == null ? value : first;
        common = Math.min(common, value.length());
        int equal = 0;
        while (equal < common && value.charAt(equal) == first.charAt(equal)) {
          equal++;
        }
        common = equal;
      }
    }
    return common;
  }

  /** Returns a value that fits on a line: from its start, or if it is too long, from an index. */
  private static String shortened(String value, int from) {
    if (value.length() <= VALUE_CHARS_MAX) {
      return "\"" + TextLines.escaped(value) + "\"";
    }
    int start = Math.min(from, value.length());
    int end = Math.min(value.length(), start + VALUE_CHARS_MAX);
    return "\"" + (start > 0 ? ELLIPSIS : "")
        + TextLines.escaped(value.substring(start, end))
        + (end < value.length() ? ELLIPSIS : "") + "\"";
  }
}
