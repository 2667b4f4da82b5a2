// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * A walk through the elements of one document. Text between elements, comments and processing
 * instructions are passed over; declarations and entities are refused.
 */
final class XmlReader {
  private final XMLStreamReader xml;

  XmlReader(XMLStreamReader xml) {
    this.xml = xml;
  }

  /** Moves to the next element within this one; false, and to its end, when there is none. */
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
          // Passed over.
        }
      }
    }
    return false;
  }

  /** Returns the unescaped name of the element at which the walk stands. */
  String name() {
    return xml.isStartElement() ? XmlNames.unescape(xml.getLocalName()) : "";
  }

  @Nullable
  String attribute(String name) {
    return xml.getAttributeValue(null, name);
  }

  /** Reads the element to its end as text, which no element may interrupt. */
  String text() throws XMLStreamException, MalformedDocumentException {
    StringBuilder text = new StringBuilder();
    for (int event = xml.next(); event != XMLStreamConstants.END_ELEMENT; event = xml.next()) {
      switch (event) {
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
          text.append(xml.getText());
        case XMLStreamConstants.COMMENT, XMLStreamConstants.PROCESSING_INSTRUCTION -> {
          // Passed over.
        }
        default -> throw unexpected("text");
      }
      if (text.length() > DocumentLimits.TEXT_CHARS_MAX) {
        throw unexpected("at most " + DocumentLimits.TEXT_CHARS_MAX + " characters of text");
      }
    }
    return text.toString();
  }

  /** Reads the element to its end, whatever it holds. */
  void skip() throws XMLStreamException, MalformedDocumentException {
    int depth = 1;
    while (depth > 0) {
      depth += nextChild() ? 1 : -1;
    }
  }

  /** Reads on to the end of the document, before which no element may come. */
  void expectEnd() throws XMLStreamException, MalformedDocumentException {
    if (nextChild()) {
      throw unexpected("the end of the document");
    }
  }

  /** Returns the refusal of what the walk stands at. */
  MalformedDocumentException unexpected(String expected) {
    String found = xml.isStartElement() ? "<" + xml.getLocalName() + ">" : "text or a tag";
    return new MalformedDocumentException(
        "expected " + expected + ", found " + found,
        Math.max(0, xml.getLocation().getCharacterOffset()));
  }
}
