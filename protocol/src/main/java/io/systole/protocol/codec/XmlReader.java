// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the elements of one document. It skips text between elements, comments and
 * processing instructions, and refuses declarations and entities.
 */
final class XmlReader {
  private final XMLStreamReader xml;

  XmlReader(XMLStreamReader xml) {
    this.xml = xml;
  }

  /**
   * Moves to the next child of the current element and returns true, or moves to the end of the
   * current element and returns false.
   */
  boolean nextChild() throws XMLStreamException, MalformedDocumentException {
    while (xml.hasNext()) {
      switch (xml.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          return true;
        }
        case XMLStreamConstants.END_ELEMENT, XMLStreamConstants.END_DOCUMENT -> {
          return false;
        }
        case XMLStreamConstants.DTD -> throw unexpected("no document type declaration");
        case XMLStreamConstants.ENTITY_REFERENCE -> throw unexpected("no entity");
        default -> {
          // Skipped.
        }
      }
    }
    return false;
  }

  /** Returns the unescaped name of the current element. */
  String name() {
    return xml.isStartElement() ? XmlNames.unescape(xml.getLocalName()) : "";
  }

  @Nullable
  String attribute(String name) {
    return xml.getAttributeValue(null, name);
  }

  /** Reads the element to its end as text; it must not contain elements. */
  String text() throws XMLStreamException, MalformedDocumentException {
    StringBuilder text = new StringBuilder();
    for (int event = xml.next(); event != XMLStreamConstants.END_ELEMENT; event = xml.next()) {
      switch (event) {
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
          text.append(xml.getText());
        case XMLStreamConstants.COMMENT, XMLStreamConstants.PROCESSING_INSTRUCTION -> {
          // Skipped.
        }
        default -> throw unexpected("text");
      }
      if (text.length() > DocumentLimits.TEXT_CHARS_MAX) {
        throw unexpected("at most " + DocumentLimits.TEXT_CHARS_MAX + " characters of text");
      }
    }
    return text.toString();
  }

  /** Skips to the end of the element. */
  void skip() throws XMLStreamException, MalformedDocumentException {
    int depth = 1;
    while (depth > 0) {
      depth += nextChild() ? 1 : -1;
    }
  }

  /** Reads to the end of the document; no element may follow. */
  void expectEnd() throws XMLStreamException, MalformedDocumentException {
    if (nextChild()) {
      throw unexpected("the end of the document");
    }
  }

  /** Returns an exception for the current event. */
  MalformedDocumentException unexpected(String expected) {
    String found = xml.isStartElement() ? "<" + xml.getLocalName() + ">" : "text or a tag";
    return new MalformedDocumentException(
        "expected " + expected + ", found " + found,
        Math.max(0, xml.getLocation().getCharacterOffset()));
  }
}
