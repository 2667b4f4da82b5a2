// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.ctc.wstx.api.WstxInputProperties;
import com.ctc.wstx.stax.WstxInputFactory;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.StatusInfo;
import io.systole.protocol.model.StringInterner;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.codehaus.stax2.XMLInputFactory2;

/**
 * A codec of XML documents (spec §6.3 and §6.4). Document type declarations are refused, so the
 * five predefined entities are the only ones.
 */
public final class XmlCodec implements Codec {
  private final StringInterner interner = new StringInterner();
  private final WstxInputFactory factory = factory();

  @Override
  public InstanceInfo decodeInstance(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException {
    DocumentLimits.checkLength(length, DocumentLimits.INSTANCE_BYTES_MAX);
    return decode(
        "instance",
        bytes,
        from,
        length,
        in -> new XmlDocumentReader(in, nowMs, interner).readInstance());
  }

  @Override
  public Application decodeApplication(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException {
    DocumentLimits.checkLength(length, DocumentLimits.REGISTRY_BYTES_MAX);
    return decode(
        "application",
        bytes,
        from,
        length,
        in -> new XmlDocumentReader(in, nowMs, interner).readApplication());
  }

  @Override
  public Applications decodeApplications(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException {
    DocumentLimits.checkLength(length, DocumentLimits.REGISTRY_BYTES_MAX);
    return decode(
        "applications",
        bytes,
        from,
        length,
        in -> new XmlDocumentReader(in, nowMs, interner).readApplications());
  }

  @Override
  public byte[] encodeInstance(InstanceInfo instance, Form form) {
    return encode(form, xml -> XmlDocumentWriter.writeInstance(instance, form, xml));
  }

  @Override
  public byte[] encodeApplication(Application application, Form form) {
    return encode(form, xml -> XmlDocumentWriter.writeApplication(application, form, xml));
  }

  @Override
  public byte[] encodeApplications(Applications applications, Form form) {
    return encode(form, xml -> XmlDocumentWriter.writeApplications(applications, form, xml));
  }

  @Override
  public byte[] applicationsHead(String version, String appsHashCode, Form form) {
    return encode(
        form, xml -> XmlDocumentWriter.beginApplications(version, appsHashCode, form, xml));
  }

  @Override
  public byte[] applicationsTail(String version, String appsHashCode, boolean isEmpty, Form form) {
    return encode(form, xml -> {
      XmlDocumentWriter.beginApplications(version, appsHashCode, form, xml);
      xml.discard();
      XmlDocumentWriter.endApplications(version, appsHashCode, isEmpty, form, xml);
    });
  }

  @Override
  public byte[] applicationHead(String name, RootElement root, Form form) {
    return encode(form, xml -> {
      enter(root, form, xml);
      XmlDocumentWriter.beginApplication(name, xml);
    });
  }

  @Override
  public byte[] applicationTail(RootElement root, Form form) {
    return encode(form, xml -> {
      enter(root, form, xml);
      XmlDocumentWriter.beginApplication("", xml);
      xml.discard();
      XmlDocumentWriter.endApplication(xml);
    });
  }

  @Override
  public byte[] instances(List<InstanceInfo> instances, RootElement root, Form form) {
    return encode(form, xml -> {
      enter(root, form, xml);
      XmlDocumentWriter.beginApplication("", xml);
      xml.discard();
      XmlDocumentWriter.writeInstances(instances, form, xml);
    });
  }

  @Override
  public byte[] separator() {
    return new byte[0];
  }

  @Override
  public byte[] encodeStatus(StatusInfo status) {
    return encode(Form.FULL, xml -> {
      xml.open(StatusFields.ROOT);
      writeStats(StatusFields.GENERAL, StatusFields.general(status), xml);
      writeStats(StatusFields.APPLICATION, StatusFields.application(status), xml);
      XmlDocumentWriter.writeFull(StatusFields.INSTANCE, status.instance(), xml);
      xml.close(StatusFields.ROOT);
    });
  }

  private static void writeStats(String name, Map<String, String> stats, XmlWriter xml) {
    xml.open(name);
    stats.forEach(xml::element);
    xml.close(name);
  }

  /** Reads the root element from its start to its end. */
  private interface Body<T> {
    T read(XmlReader in) throws XMLStreamException, MalformedDocumentException;
  }

  private <T> T decode(String root, byte[] bytes, int from, int length, Body<T> body)
      throws MalformedDocumentException {
    Objects.checkFromIndexSize(from, length, bytes.length);
    try {
      // Stax2ByteArraySource detects the encoding from the wrong bytes unless it begins at 0.
      XMLStreamReader xml =
          factory.createXMLStreamReader(new ByteArrayInputStream(bytes, from, length));
      XmlReader in = new XmlReader(xml);
      if (!in.nextChild() || !in.name().equals(root)) {
        throw in.unexpected("the element <" + root + ">");
      }
      T value = body.read(in);
      in.expectEnd();
      xml.close();
      return value;
    } catch (XMLStreamException e) {
      throw malformed(e);
    }
  }

  /** Writes a document; the compact form is not indented (spec §6.3). */
  private static byte[] encode(Form form, Consumer<XmlWriter> body) {
    XmlWriter xml = new XmlWriter(form == Form.FULL);
    body.accept(xml);
    return xml.toBytes();
  }

  /** Moves to the level of an application without output. */
  private static void enter(RootElement root, Form form, XmlWriter xml) {
    if (root == RootElement.APPLICATIONS) {
      XmlDocumentWriter.beginApplications("", "", form, xml);
      xml.discard();
    }
  }

  private static MalformedDocumentException malformed(XMLStreamException cause) {
    String message = String.valueOf(cause.getMessage());
    int lineEnd = message.indexOf('\n');
    return new MalformedDocumentException(
        lineEnd < 0 ? message : message.substring(0, lineEnd),
        cause.getLocation() == null ? 0 : Math.max(0, cause.getLocation().getCharacterOffset()));
  }

  private static WstxInputFactory factory() {
    WstxInputFactory factory = new WstxInputFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    // Metadata keys such as "a:b" are element names without a declared prefix.
    factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, false);
    // Lazy parsing reports malformed text by an unchecked exception.
    factory.setProperty(XMLInputFactory2.P_LAZY_PARSING, false);
    factory.setProperty(XMLInputFactory2.P_INTERN_NAMES, false);
    factory.setProperty(WstxInputProperties.P_MAX_ELEMENT_DEPTH, DocumentLimits.DEPTH_MAX);
    factory.setProperty(
        WstxInputProperties.P_MAX_ATTRIBUTES_PER_ELEMENT, DocumentLimits.ATTRIBUTES_MAX);
    factory.setProperty(WstxInputProperties.P_MAX_ATTRIBUTE_SIZE, DocumentLimits.NAME_CHARS_MAX);
    factory.setProperty(WstxInputProperties.P_MAX_TEXT_LENGTH, DocumentLimits.TEXT_CHARS_MAX);
    return factory;
  }
}
