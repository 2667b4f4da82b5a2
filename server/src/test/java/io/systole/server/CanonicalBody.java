// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import com.ctc.wstx.stax.WstxInputFactory;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A canonical form of documents, equal for equivalent ones. Members are in alphabetical order, and
 * the times of the recording and of the test are {@code NOW}. The timestamp of a renewal is
 * replaced by whether the lease was renewed since its registration (spec §2.4).
 */
final class CanonicalBody {
  private static final JsonMapper JSON = new JsonMapper();

  /** Times of the recordings and of a {@link LiveNode}; instances supplied all others. */
  private static final String NOW = "17952\\d{8}";

  private record Node(String name, String value, List<Node> children) {}

  private CanonicalBody() {}

  /**
   * Returns the canonical form, or the body itself if it is neither JSON nor XML.
   *
   * @param isDelta whether to keep the order of instances and ignore the version
   */
  static String of(String body, boolean isDelta) {
    if (body.startsWith("{")) {
      StringBuilder text = new StringBuilder();
      write(fromJson("", JSON.readTree(body)), isDelta, text);
      return text.toString();
    }
    if (body.startsWith("<") && !body.startsWith("<!doctype")) {
      StringBuilder text = new StringBuilder();
      write(fromXml(body), isDelta, text);
      return text.toString();
    }
    return body;
  }

  private static Node fromJson(String name, JsonNode json) {
    List<Node> children = new ArrayList<>();
    json.properties().forEach(member -> {
      if (member.getValue().isArray()) {
        // Distinguishes an empty list from an absent one.
        children.add(new Node(member.getKey() + "[]", "", List.of()));
        member.getValue().forEach(item -> children.add(fromJson(member.getKey(), item)));
      } else {
        children.add(fromJson(member.getKey(), member.getValue()));
      }
    });
    return new Node(name, json.isObject() ? "" : json.toString(), children);
  }

  private static Node fromXml(String body) {
    try {
      XMLStreamReader xml = new WstxInputFactory().createXMLStreamReader(new StringReader(body));
      xml.nextTag();
      return fromXml(xml);
    } catch (XMLStreamException broken) {
      return new Node("broken", body, List.of());
    }
  }

  private static Node fromXml(XMLStreamReader xml) throws XMLStreamException {
    String name = xml.getLocalName();
    List<Node> children = new ArrayList<>();
    for (int i = 0; i < xml.getAttributeCount(); i++) {
      children.add(
          new Node("@" + xml.getAttributeLocalName(i), xml.getAttributeValue(i), List.of()));
    }
    StringBuilder value = new StringBuilder();
    while (xml.next() != XMLStreamReader.END_ELEMENT) {
      if (xml.isStartElement()) {
        children.add(fromXml(xml));
      } else {
        value.append(xml.getText());
      }
    }
    return new Node(
        name, children.isEmpty() ? value.toString() : value.toString().strip(), children);
  }

  private static void write(Node node, boolean isDelta, StringBuilder out) {
    out.append(node.name).append('=').append(value(node, isDelta)).append('\n');
    List<String> lines = new ArrayList<>();
    for (Node child : node.children) {
      StringBuilder text = new StringBuilder();
      if (isDelta && (child.name.equals("instance") || child.name.equals("application"))) {
        text.append('#').append(1000 + lines.size()).append(' ');
      }
      boolean isRenewal = child.name.equals("lastRenewalTimestamp");
      write(isRenewal ? renewal(node, child) : child, isDelta, text);
      lines.add(text.toString().indent(2));
    }
    lines.stream().sorted().forEach(out::append);
  }

  private static String value(Node node, boolean isDelta) {
    if (isDelta && node.name.equals("versions__delta")) {
      return node.value.replaceFirst("\\b[1-9]\\d*\\b", "VERSION");
    }
    return node.value.replaceFirst("\\b" + NOW + "\\b", "NOW");
  }

  /** The timestamp of a renewed lease is one lease duration after the renewal. */
  private static Node renewal(Node lease, Node renewal) {
    long afterMs = number(renewal) - number(child(lease, "registrationTimestamp"));
    boolean isRenewed = afterMs >= 1_000 * number(child(lease, "durationInSecs"));
    return new Node(renewal.name, isRenewed ? "RENEWED" : "REGISTERED", List.of());
  }

  private static Node child(Node parent, String name) {
    return parent.children.stream()
        .filter(child -> child.name.equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static long number(Node node) {
    return Long.parseLong(node.value);
  }
}
