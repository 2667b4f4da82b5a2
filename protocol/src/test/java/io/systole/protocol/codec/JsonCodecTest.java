// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCodecTest {
  private static final long NOW_MS = 1_800_000_000_000L;
  private static final String DEFAULT_CLASS =
      "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo";
  private static final String AMAZON_CLASS = "com.netflix.appinfo.AmazonInfo";

  private final Codec codec = new JsonCodec();

  @Test
  void decodeInstance_onlyApp_hasTheDefaults() throws MalformedDocumentException {
    InstanceInfo instance = decode("{'instance':{'app':'demo'}}");

    assertThat(instance)
        .isEqualTo(InstanceInfo.builder()
            .dataCenterInfo(null)
            .app("DEMO")
            .lastUpdatedMs(NOW_MS)
            .lastDirtyMs(NOW_MS)
            .build());
  }

  /** The column "read as" of spec §6.1. */
  static List<Arguments> accepted() {
    return List.of(
        member("'instanceId':'a'", InstanceInfo::instanceId, "a"),
        member("'instanceId':7", InstanceInfo::instanceId, "7"),
        member("'instanceId':null", InstanceInfo::instanceId, null),
        member("'instanceId':'a','instanceId':'b'", InstanceInfo::instanceId, "b"),
        member("'instanceId':'a','instanceId':null", InstanceInfo::instanceId, "a"),
        member("'hostName':''", InstanceInfo::hostName, null),
        member("'sid':'na'", InstanceInfo::sid, null),
        member("'sid':'s1'", InstanceInfo::sid, "s1"),
        member("'status':'DOWN'", InstanceInfo::status, InstanceStatus.DOWN),
        member("'status':'down'", InstanceInfo::status, InstanceStatus.UNKNOWN),
        member("'status':null", InstanceInfo::status, InstanceStatus.UP),
        member("'overriddenStatus':'UP'", InstanceInfo::overriddenStatus, InstanceStatus.UP),
        member("'overriddenstatus':'UP'", InstanceInfo::overriddenStatus, InstanceStatus.UP),
        member("'overriddenStatus':'x'", InstanceInfo::overriddenStatus, InstanceStatus.UNKNOWN),
        member("'port':{'$':1,'@enabled':'true'}", InstanceInfo::port, new PortInfo(1, true)),
        member("'port':{'$':'2','@enabled':false}", InstanceInfo::port, new PortInfo(2, false)),
        member("'port':{'$':3,'@enabled':'TRUE'}", InstanceInfo::port, new PortInfo(3, false)),
        member("'port':{'x':[{}],'$':4}", InstanceInfo::port, new PortInfo(4, true)),
        member("'port':{}", InstanceInfo::port, new PortInfo(7001, true)),
        member("'port':null", InstanceInfo::port, new PortInfo(7001, true)),
        member("'port':5", InstanceInfo::port, new PortInfo(5, true)),
        member("'securePort':'6'", InstanceInfo::securePort, new PortInfo(6, false)),
        member("'countryId':'81'", InstanceInfo::countryId, 81),
        member("'leaseInfo':{}", InstanceInfo::leaseInfo, LeaseInfo.DEFAULT),
        member(
            "'leaseInfo':{'durationInSecs':'9','x':{},'renewalIntervalInSecs':-1}",
            InstanceInfo::leaseInfo,
            new LeaseInfo(30, 9, 0, 0, 0, 0)),
        member("'metadata':null", InstanceInfo::metadata, Map.of()),
        member("'metadata':{'@class':'x'}", InstanceInfo::metadata, Map.of()),
        member(
            "'metadata':{'a':1,'b':1.50,'c':true,'d':null,'a':'2'}",
            InstanceInfo::metadata,
            Map.of("a", "2", "b", "1.50", "c", "true", "d", "null")),
        member("'appGroupName':'g\u00e9'", InstanceInfo::appGroupName, "G\u00c9"),
        member(
            "'isCoordinatingDiscoveryServer':true",
            InstanceInfo::isCoordinatingDiscoveryServer,
            true),
        member(
            "'isCoordinatingDiscoveryServer':'true'",
            InstanceInfo::isCoordinatingDiscoveryServer,
            true),
        member("'lastDirtyTimestamp':5", InstanceInfo::lastDirtyMs, 5L),
        member("'lastDirtyTimestamp':'-5'", InstanceInfo::lastDirtyMs, -5L),
        member("'lastDirtyTimestamp':1.7e12", InstanceInfo::lastDirtyMs, 1_700_000_000_000L),
        member("'lastUpdatedTimestamp':'6'", InstanceInfo::lastUpdatedMs, 6L),
        member("'actionType':'DELETED'", InstanceInfo::actionType, ActionType.DELETED),
        member("'actionType':'GONE'", InstanceInfo::actionType, null),
        member("'new':[1,{'app':'x'}]", InstanceInfo::app, "DEMO"),
        member("'new':{'app':'x','y':{}}", InstanceInfo::app, "DEMO"),
        dataCenter("{'name':'MyOwn'}", DataCenterInfo.MY_OWN),
        dataCenter(
            "{'name':'Netflix','@class':'com.netflix.appinfo.MyDataCenterInfo'}",
            new DataCenterInfo("Netflix", Map.of())),
        dataCenter(
            "{'@class':'" + DEFAULT_CLASS + "','name':null}", new DataCenterInfo(null, Map.of())),
        dataCenter(
            "{'name':'Amazon','metadata':{'instance-id':5}}",
            new DataCenterInfo("Amazon", Map.of("instance-id", "5"))),
        dataCenter(
            "{'@class':'" + AMAZON_CLASS + "','metadata':{}}",
            new DataCenterInfo("Amazon", Map.of())));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void decodeInstance_member_isAccepted(
      String members, Function<InstanceInfo, @Nullable Object> accessor, @Nullable Object expected)
      throws MalformedDocumentException {
    InstanceInfo instance = decode("{'instance':{'app':'demo'," + members + "}}");

    assertThat(accessor.apply(instance)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "7",
        "{}",
        "{'instance':null}",
        "{'instance':[]}",
        "{'instance':{}}",
        "{'instance':{'app':null}}",
        "{'Instance':{'app':'a'}}",
        "{'x':1,'instance':{'app':'a'}}",
        "{'instance':{'app':'a'},'x':1}",
        "{'instance':{'app':'a'}}x",
        "{'instance':{'app':'a'}}{}",
        "{'instance':{'app':'a',}}",
        "{'instance':{'app':{}}}",
        "{'instance':{'app':['a']}}",
        "{'instance':{'app':'a','port':[]}}",
        "{'instance':{'app':'a','port':'x'}}",
        "{'instance':{'app':'a','port':true}}",
        "{'instance':{'app':'a','port':2147483648}}",
        "{'instance':{'app':'a','port':{'$':{}}}}",
        "{'instance':{'app':'a','countryId':1e400}}",
        "{'instance':{'app':'a','lastDirtyTimestamp':''}}",
        "{'instance':{'app':'a','lastDirtyTimestamp':9223372036854775808}}",
        "{'instance':{'app':'a','leaseInfo':5}}",
        "{'instance':{'app':'a','metadata':'x'}}",
        "{'instance':{'app':'a','metadata':{'k':{}}}}",
        "{'instance':{'app':'a','metadata':{'k':[]}}}",
        "{'instance':{'app':'a','dataCenterInfo':'MyOwn'}}",
        "{'instance':{'app':'a','dataCenterInfo':{}}}",
        "{'instance':{'app':'a','dataCenterInfo':{'name':'Foo'}}}",
        "{'instance':{'app':'a','dataCenterInfo':{'name':'myown'}}}",
        "{'instance':{'app':'a','dataCenterInfo':{'name':'MyOwn','@class':'java.lang.String'}}}",
        "{'instance':{'app':'a','dataCenterInfo':{'name':'Amazon','metadata':{'k':{}}}}}",
      })
  void decodeInstance_wrongShape_isRefused(String document) {
    MalformedDocumentException refusal =
        catchThrowableOfType(MalformedDocumentException.class, () -> decode(document));

    assertThat(refusal.getMessage()).isNotBlank().contains("(at offset " + refusal.offset() + ")");
    assertThat(refusal.getStackTrace()).isEmpty();
  }

  @Test
  void decodeInstance_wrongMemberWithinABuffer_reportsTheOffsetWithinTheDocument() {
    byte[] buffer = bytes("#####{'instance':{'app':'a','port':'x'}}###");

    MalformedDocumentException refusal = catchThrowableOfType(
        MalformedDocumentException.class,
        () -> codec.decodeInstance(buffer, 5, buffer.length - 8, NOW_MS));

    assertThat(refusal)
        .hasMessage("expected a whole number, got \"x\", found VALUE_STRING (at offset 30)");
    assertThat(new String(buffer, 5 + 30, 3, StandardCharsets.UTF_8)).isEqualTo("\"x\"");
  }

  @Test
  void encodeInstance_nothingSet_writesNullsAndDefaults() {
    InstanceInfo instance =
        InstanceInfo.builder().dataCenterInfo(null).app("demo").lastDirtyMs(7).build();

    String full = text(codec.encodeInstance(instance, Form.FULL));
    String compact = text(codec.encodeInstance(instance, Form.COMPACT));

    assertThat(full)
        .isEqualTo("{'instance':{'hostName':null,'app':'DEMO','ipAddr':null,'status':'UP',"
            + "'overriddenStatus':'UNKNOWN','port':{'$':7001,'@enabled':'true'},"
            + "'securePort':{'$':7002,'@enabled':'false'},'countryId':1,"
            + "'leaseInfo':{'renewalIntervalInSecs':30,'durationInSecs':90,"
            + "'registrationTimestamp':0,'lastRenewalTimestamp':0,'evictionTimestamp':0,"
            + "'serviceUpTimestamp':0},"
            + "'metadata':{'@class':'java.util.Collections$EmptyMap'},"
            + "'isCoordinatingDiscoveryServer':'false','lastUpdatedTimestamp':'0',"
            + "'lastDirtyTimestamp':'7'}}");
    assertThat(compact)
        .isEqualTo("{'instance':{'app':'DEMO','status':'UP','lastUpdatedTimestamp':0,"
            + "'port':{'$':7001,'@enabled':'true'},"
            + "'securePort':{'$':7002,'@enabled':'false'}}}");
  }

  @Test
  void encodeInstance_optionalMembers_areInOrder() {
    InstanceInfo instance = InstanceInfo.builder()
        .app("a")
        .sid("s")
        .appGroupName("g")
        .secureHealthCheckUrl("u")
        .vipAddress("v")
        .isCoordinatingDiscoveryServer(true)
        .actionType(ActionType.MODIFIED)
        .asgName("x")
        .build();

    String full = text(codec.encodeInstance(instance, Form.FULL));

    assertThat(full)
        .contains("'ipAddr':null,'sid':'s','status'")
        .contains("},'appGroupName':'G','secureHealthCheckUrl':'u','vipAddress':'v',")
        .contains("'isCoordinatingDiscoveryServer':'true',")
        .endsWith("'actionType':'MODIFIED','asgName':'x'}}");
  }

  @Test
  void encodeInstance_specialCharacters_areEscapedAsByTheReference() {
    InstanceInfo instance = InstanceInfo.builder()
        .app("a")
        .vipAddress("\"\\/\b\f\n\r\t\u0001\u001f\u007f\u2028é\ud83d\ude00\ud83d")
        .build();

    String full = new String(codec.encodeInstance(instance, Form.FULL), StandardCharsets.UTF_8);

    assertThat(full)
        .contains(
            "\"vipAddress\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\u007f\u2028é\ud83d\ude00\ufffd\"");
  }

  @Test
  void decodeApplications_listsOfOneAsObjects_areReadAsLists() throws MalformedDocumentException {
    byte[] document =
        bytes("{'applications':{'new':[],'versions__delta':3,'application':{'name':'A','new':{},"
            + "'instance':{'app':'a'}},'apps__hashcode':'UP_1_'}}");

    Applications applications = codec.decodeApplications(document, 0, document.length, 5);

    InstanceInfo instance = InstanceInfo.builder()
        .dataCenterInfo(null)
        .app("A")
        .lastUpdatedMs(5)
        .lastDirtyMs(5)
        .build();
    assertThat(applications)
        .isEqualTo(
            new Applications("3", "UP_1_", List.of(new Application("A", List.of(instance)))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'applications':{'application':7}}",
        "{'applications':{'application':[7]}}",
        "{'applications':{'application':[{}]}}",
        "{'applications':{'application':[{'name':'A','instance':[{}]}]}}",
        "{'applications':{'application':[{'name':'A','instance':[",
        "{'application':{'name':'A'}}",
      })
  void decodeApplications_wrongShape_isRefused(String document) {
    byte[] bytes = bytes(document);

    MalformedDocumentException refusal = catchThrowableOfType(
        MalformedDocumentException.class,
        () -> codec.decodeApplications(bytes, 0, bytes.length, 5));

    assertThat(refusal).isNotNull();
  }

  private static Arguments member(
      String members,
      Function<InstanceInfo, @Nullable Object> accessor,
      @Nullable Object expected) {
    return Arguments.of(members, accessor, expected);
  }

  private static Arguments dataCenter(String document, DataCenterInfo expected) {
    return member("'dataCenterInfo':" + document, InstanceInfo::dataCenterInfo, expected);
  }

  private InstanceInfo decode(String document) throws MalformedDocumentException {
    byte[] bytes = bytes(document);
    return codec.decodeInstance(bytes, 0, bytes.length, NOW_MS);
  }

  /** Returns the UTF-8 bytes with double quotes instead of single ones. */
  private static byte[] bytes(String document) {
    return document.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8).replace('"', '\'');
  }
}
