// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Data that some of Netflix's codecs lose or refuse, each with an example. */
enum NetflixLimitation {
  /** They write characters that XML does not allow (XML 1.0 §2.2), or fail; we write U+FFFD. */
  FORBIDDEN_CHARACTER("XStreamXml JacksonXml JacksonXmlMini", "") {
    @Override
    InstanceInfo example() {
      return complete().vipAddress("a\u0001b").build();
    }

    @Override
    InstanceInfo without(InstanceInfo instance) {
      return XmlRepresentable.of(instance);
    }
  },
  /** They write the entry as {@code <>}; we leave it out (spec §9 row 36). */
  EMPTY_KEY("XStreamXml JacksonXml", "") {
    @Override
    InstanceInfo example() {
      return complete().metadata(Map.of("", "v")).build();
    }

    @Override
    InstanceInfo without(InstanceInfo instance) {
      return XmlRepresentable.of(instance);
    }
  },
  /** It fails if either is null; a registration requires both (spec §3.1). */
  NO_HOST_OR_ADDRESS("XStreamXml", "") {
    @Override
    InstanceInfo example() {
      return complete().hostName(null).build();
    }

    @Override
    InstanceInfo without(InstanceInfo instance) {
      return instance.toBuilder()
          .hostName(instance.hostName() == null ? "host" : instance.hostName())
          .ipAddr(instance.ipAddr() == null ? "address" : instance.ipAddr())
          .build();
    }
  },
  /** It writes keys as element names without escapes and treats a colon as a namespace. */
  KEY_THAT_NEEDS_ESCAPES("JacksonXml", "JacksonXml") {
    @Override
    InstanceInfo example() {
      return complete().metadata(Map.of("a__b", "v")).build();
    }

    @Override
    InstanceInfo without(InstanceInfo instance) {
      DataCenterInfo dataCenter = instance.dataCenterInfo();
      return instance.toBuilder()
          .metadata(plain(instance.metadata()))
          .dataCenterInfo(
              dataCenter == null
                  ? null
                  : new DataCenterInfo(dataCenter.name(), plain(dataCenter.metadata())))
          .build();
    }
  },
  /** They read the type marker of Amazon's empty map as an entry. */
  EMPTY_AMAZON_METADATA("", "JacksonXml JacksonXmlMini") {
    @Override
    InstanceInfo example() {
      return complete().dataCenterInfo(DataCenterInfo.amazon(Map.of())).build();
    }

    @Override
    InstanceInfo without(InstanceInfo instance) {
      DataCenterInfo dataCenter = instance.dataCenterInfo();
      return dataCenter == null || !dataCenter.isAmazon()
          ? instance
          : instance.toBuilder()
              .dataCenterInfo(dataCenter.withInstanceId("i-1"))
              .build();
    }
  };

  private final String writers;
  private final String readers;

  NetflixLimitation(String writers, String readers) {
    this.writers = writers;
    this.readers = readers;
  }

  /** Returns an instance that is partly lost or refused. */
  abstract InstanceInfo example();

  /** Returns the instance without the data that would be lost. */
  abstract InstanceInfo without(InstanceInfo instance);

  boolean affectsWriting(NetflixCodec codec) {
    return List.of(writers.split(" ")).contains(codec.nameAtNetflix());
  }

  boolean affectsReading(NetflixCodec codec) {
    return List.of(readers.split(" ")).contains(codec.nameAtNetflix());
  }

  private static InstanceInfo.Builder complete() {
    return InstanceInfo.builder().app("A").instanceId("i").hostName("h").ipAddr("192.0.2.1");
  }

  private static Map<String, String> plain(Map<String, String> metadata) {
    Map<String, String> plain = new TreeMap<>(metadata);
    plain.keySet().removeIf(key -> !key.matches("[A-Za-z][A-Za-z0-9.-]*"));
    return plain;
  }
}
