// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.netflix.discovery.converters.wrappers.CodecWrapper;
import com.netflix.discovery.converters.wrappers.CodecWrappers;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Netflix's codecs, each with ours of the same format and form. */
enum NetflixCodec {
  /** The default of its server and clients for JSON. */
  LEGACY_JSON("LegacyJacksonJson", false, Form.FULL),
  JACKSON_JSON("JacksonJson", false, Form.FULL),
  /** Used by its server for the compact form. */
  JACKSON_JSON_MINI("JacksonJsonMini", false, Form.COMPACT),
  /** The default of its server for XML. */
  XSTREAM_XML("XStreamXml", true, Form.FULL),
  JACKSON_XML("JacksonXml", true, Form.FULL),
  JACKSON_XML_MINI("JacksonXmlMini", true, Form.COMPACT);

  private static final Set<String> COMPACT_MEMBERS = Set.of(
      "instanceId",
      "app",
      "ipAddr",
      "vipAddress",
      "secureVipAddress",
      "dataCenterInfo",
      "dataCenterInfo.metadata",
      "hostName",
      "status",
      "lastUpdatedTimestamp",
      "actionType",
      "asgName",
      "port",
      "port@enabled",
      "securePort",
      "securePort@enabled");
  private static final Set<String> COMPACT_AMAZON_KEYS =
      Set.of("instance-id", "public-ipv4", "public-hostname", "local-ipv4", "availability-zone");

  private static final Codec JSON = new JsonCodec();
  private static final Codec XML = new XmlCodec();

  private final String nameAtNetflix;
  private final boolean isXml;
  private final Form form;

  NetflixCodec(String nameAtNetflix, boolean isXml, Form form) {
    this.nameAtNetflix = nameAtNetflix;
    this.isXml = isXml;
    this.form = form;
  }

  /** Returns Netflix's name of the codec. */
  String nameAtNetflix() {
    return nameAtNetflix;
  }

  boolean isXml() {
    return isXml;
  }

  /** Returns whether it cannot read a registry without applications, since the list is missing. */
  boolean failsWithoutApplications() {
    return this == JACKSON_XML || this == JACKSON_XML_MINI;
  }

  /** Returns the members included in the form of this codec. */
  Map<String, @Nullable Object> ofForm(Map<String, @Nullable Object> members) {
    Map<String, @Nullable Object> some = new LinkedHashMap<>(members);
    if (form == Form.COMPACT) {
      some.keySet().retainAll(COMPACT_MEMBERS);
    }
    return some;
  }

  /** Returns the members and metadata entries included in the form of this codec (spec §6.3). */
  Map<String, @Nullable Object> includedBy(Map<String, @Nullable Object> members) {
    Map<String, @Nullable Object> kept = ofForm(members);
    if (form == Form.COMPACT) {
      kept.computeIfPresent(
          "dataCenterInfo.metadata", (name, metadata) -> compactAmazonMetadata(metadata));
    }
    return kept;
  }

  private static Map<?, ?> compactAmazonMetadata(Object metadata) {
    Map<?, ?> kept = new HashMap<>((Map<?, ?>) metadata);
    kept.keySet().retainAll(COMPACT_AMAZON_KEYS);
    return kept;
  }

  com.netflix.appinfo.InstanceInfo readByThem(InstanceInfo instance) throws IOException {
    return read(ours().encodeInstance(instance, form), com.netflix.appinfo.InstanceInfo.class);
  }

  com.netflix.discovery.shared.Application readByThem(Application application) throws IOException {
    return read(
        ours().encodeApplication(application, form),
        com.netflix.discovery.shared.Application.class);
  }

  com.netflix.discovery.shared.Applications readByThem(Applications applications)
      throws IOException {
    return read(
        ours().encodeApplications(applications, form),
        com.netflix.discovery.shared.Applications.class);
  }

  InstanceInfo readByUs(com.netflix.appinfo.InstanceInfo instance)
      throws IOException, MalformedDocumentException {
    byte[] bytes = written(instance);
    return ours().decodeInstance(bytes, 0, bytes.length, 0);
  }

  Application readByUs(com.netflix.discovery.shared.Application application)
      throws IOException, MalformedDocumentException {
    byte[] bytes = written(application);
    return ours().decodeApplication(bytes, 0, bytes.length, 0);
  }

  Applications readByUs(com.netflix.discovery.shared.Applications applications)
      throws IOException, MalformedDocumentException {
    byte[] bytes = written(applications);
    return ours().decodeApplications(bytes, 0, bytes.length, 0);
  }

  private Codec ours() {
    return isXml ? XML : JSON;
  }

  private CodecWrapper theirs() {
    return CodecWrappers.getCodec(nameAtNetflix);
  }

  private <T> T read(byte[] bytes, Class<T> type) throws IOException {
    return theirs().decode(new ByteArrayInputStream(bytes), type);
  }

  private byte[] written(Object document) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    theirs().encode(document, bytes);
    return bytes.toByteArray();
  }
}
