// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What codecs of Netflix lose or refuse, and an instance of which one does. */
enum NetflixLoss {
  /** They write what no XML may hold (XML 1.0 §2.2), or refuse to; we write U+FFFD. */
  FORBIDDEN_CHARACTER("XStreamXml JacksonXml JacksonXmlMini", "") {
    @Override
    InstanceInfo example() {
      return whole().vipAddress("a\u0001b").build();
    }

    @Override
    InstanceInfo without(InstanceInfo instance) {
      return WhatXmlHolds.of(instance);
    }
  },
  /** They write the entry as {@code <>}; we leave it out (spec §9 row 36). */
  EMPTY_KEY("XStreamXml JacksonXml", "") {
    @Override
    InstanceInfo example() {
      return whole().metadata(Map.of("", "v")).build();
    }

    @Override
    InstanceInfo without(InstanceInfo instance) {
      return WhatXmlHolds.of(instance);
    }
  },
  /** It fails for want of a text; a registration is refused for want of either (spec §3.1). */
  NO_HOST_OR_ADDRESS("XStreamXml", "") {
    @Override
    InstanceInfo example() {
      return whole().hostName(null).build();
    }

    @Override
    InstanceInfo without(InstanceInfo instance) {
      return instance.toBuilder()
          .hostName(instance.hostName() == null ? "host" : instance.hostName())
          .ipAddr(instance.ipAddr() == null ? "address" : instance.ipAddr())
          .build();
    }
  },
  /** It takes keys for element names as they are: no escapes, and a colon ends a namespace. */
  KEY_THAT_NEEDS_ESCAPES("JacksonXml", "JacksonXml") {
    @Override
    InstanceInfo example() {
      return whole().metadata(Map.of("a__b", "v")).build();
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
  /** They take the type marker of an empty map for an entry, where the map is Amazon's. */
  EMPTY_AMAZON_METADATA("", "JacksonXml JacksonXmlMini") {
    @Override
    InstanceInfo example() {
      return whole().dataCenterInfo(DataCenterInfo.amazon(Map.of())).build();
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

  private final String whenTheyWrite;
  private final String whenTheyRead;

  NetflixLoss(String whenTheyWrite, String whenTheyRead) {
    this.whenTheyWrite = whenTheyWrite;
    this.whenTheyRead = whenTheyRead;
  }

  /** Returns an instance that is lost in part, or refused. */
  abstract InstanceInfo example();

  /** Returns the instance without what would be lost. */
  abstract InstanceInfo without(InstanceInfo instance);

  boolean isWhenItWrites(NetflixCodec codec) {
    return List.of(whenTheyWrite.split(" ")).contains(codec.nameAtNetflix());
  }

  boolean isWhenItReads(NetflixCodec codec) {
    return List.of(whenTheyRead.split(" ")).contains(codec.nameAtNetflix());
  }

  private static InstanceInfo.Builder whole() {
    return InstanceInfo.builder().app("A").instanceId("i").hostName("h").ipAddr("192.0.2.1");
  }

  private static Map<String, String> plain(Map<String, String> metadata) {
    Map<String, String> plain = new TreeMap<>(metadata);
    plain.keySet().removeIf(key -> !key.matches("[A-Za-z][A-Za-z0-9.-]*"));
    return plain;
  }
}
