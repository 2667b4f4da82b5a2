// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.read.RegistryClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A reader of the views that members of a native cluster have of it, by {@code GET
 * /systole/cluster}. Members are numbered from 1. Used by one thread at a time.
 */
final class MemberViews {
  private final List<RegistryClient> members;

  /** The numbers of members by their names, as each has reported its own. */
  private final Map<String, Integer> numbers = new HashMap<>();

  /** @param services service URLs of all members */
  MemberViews(List<URI> services) {
    this.members =
        services.stream().map(url -> new RegistryClient(url.resolve("/"))).toList();
  }

  /**
   * Returns the members that each one lists, in their order. Null stands for a member that can't be
   * read. Members that have not been read yet are not listed.
   */
  List<@Nullable Set<Integer>> read() throws InterruptedException {
    List<@Nullable List<String>> names = new ArrayList<>();
    for (int index = 0; index < members.size(); index++) {
      names.add(names(index));
    }
    List<@Nullable Set<Integer>> views = new ArrayList<>();
    for (List<String> listed : names) {
      Set<Integer> view = null;
      if (listed != null) {
        view = new TreeSet<>();
        for (String name : listed) {
          Integer number = numbers.get(name);
          if (number != null) {
            view.add(number);
          }
        }
      }
      views.add(view);
    }
    return views;
  }

  private @Nullable List<String> names(int index) throws InterruptedException {
    List<String> names = new ArrayList<>();
    try (InputStream body = members.get(index).open("/systole/cluster")) {
      for (JsonNode member : JsonMapper.shared().readTree(body).path("members")) {
        String name = member.path("name").asString("");
        names.add(name);
        if (member.path("isSelf").asBoolean(false)) {
          numbers.put(name, index + 1);
        }
      }
      return names;
    } catch (IOException | JacksonException unreadable) {
      return null;
    }
  }

  /** Returns whether every member lists all of them. */
  static boolean areWhole(List<@Nullable Set<Integer>> views) {
    return views.stream().allMatch(view -> view != null && view.size() == views.size());
  }

  /** Returns whether no member lists one of the other part. */
  static boolean areSeparate(List<@Nullable Set<Integer>> views, Set<Integer> part) {
    for (int index = 0; index < views.size(); index++) {
      boolean isInPart = part.contains(index + 1);
      Set<Integer> view = views.get(index);
      if (view != null && view.stream().anyMatch(number -> part.contains(number) != isInPart)) {
        return false;
      }
    }
    return true;
  }

  /** Returns the numbers of the members by the addresses in their names. */
  Map<InetSocketAddress, Integer> addresses() {
    Map<InetSocketAddress, Integer> addresses = new HashMap<>();
    numbers.forEach((name, number) -> {
      int colon = name.lastIndexOf(':');
      addresses.put(
          new InetSocketAddress(
              name.substring(0, colon), Integer.parseInt(name.substring(colon + 1))),
          number);
    });
    return addresses;
  }

  /** Returns views as text, such as {@code 1 lists 1, 2; 2 can't be read}. */
  static String text(List<@Nullable Set<Integer>> views) {
    List<String> parts = new ArrayList<>();
    for (int index = 0; index < views.size(); index++) {
      Set<Integer> view = views.get(index);
      parts.add((index + 1) + (view == null ? " can't be read" : " lists " + text(view)));
    }
    return String.join("; ", parts);
  }

  /** Returns the numbers of members as text, in order. */
  static String text(Set<Integer> members) {
    return members.stream().sorted().map(String::valueOf).collect(Collectors.joining(", "));
  }
}
