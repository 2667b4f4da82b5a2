// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.ctc.wstx.api.WstxInputProperties;
import com.ctc.wstx.stax.WstxInputFactory;
import io.systole.protocol.model.InstanceInfo;
import java.util.Objects;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.codehaus.stax2.XMLInputFactory2;
import org.codehaus.stax2.io.Stax2ByteArraySource;

/**
 * Documents in XML (spec §6.3 and §6.4), read by StAX. A document type declaration is refused, so
 * there are no entities but the five that XML has.
 */
public final class XmlCodec implements Codec {
  private static final String ROOT = "instance";

  private final WstxInputFactory factory = factory();

  @Override
  public InstanceInfo decodeInstance(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocument {
    Objects.checkFromIndexSize(from, length, bytes.length);
    if (length > DocumentLimits.INSTANCE_BYTES_MAX) {
      throw new MalformedDocument(
          "instance of " + length + " bytes exceeds " + DocumentLimits.INSTANCE_BYTES_MAX, 0);
    }
    try {
      XMLStreamReader xml =
          factory.createXMLStreamReader(new Stax2ByteArraySource(bytes, from, length));
      XmlIn in = new XmlIn(xml);
      if (!in.nextChild() || !in.name().equals(ROOT)) {
        throw in.unexpected("the element <" + ROOT + ">");
      }
      InstanceInfo instance = new InstanceFromXml(in, nowMs).read();
      in.expectEnd();
      xml.close();
      return instance;
    } catch (XMLStreamException e) {
      throw refusal(e);
    }
  }

  @Override
  public byte[] encodeInstance(InstanceInfo instance, Form form) {
    XmlOut xml = new XmlOut(form == Form.FULL);
    InstanceToXml.write(instance, form, xml);
    return xml.toBytes();
  }

  private static MalformedDocument refusal(XMLStreamException cause) {
    String message = String.valueOf(cause.getMessage());
    int line = message.indexOf('\n');
    return new MalformedDocument(
        line < 0 ? message : message.substring(0, line),
        cause.getLocation() == null ? 0 : cause.getLocation().getCharacterOffset());
  }

  private static WstxInputFactory factory() {
    WstxInputFactory factory = new WstxInputFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    // Metadata keys such as "a:b" are written as they are, and nobody declares the prefix.
    factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, false);
    // Lazy parsing throws what is wrong with a text as an unchecked exception.
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
