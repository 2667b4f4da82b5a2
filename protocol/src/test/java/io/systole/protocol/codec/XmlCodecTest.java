// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

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

class XmlCodecTest {
  private static final long NOW_MS = 1_800_000_000_000L;

  private final Codec codec = new XmlCodec();

  @Test
  void decodeInstance_onlyApp_hasTheDefaults() throws MalformedDocumentException {
    InstanceInfo instance = decode("<instance><app>demo</app></instance>");

    assertThat(instance)
        .isEqualTo(InstanceInfo.builder()
            .dataCenterInfo(null)
            .app("DEMO")
            .lastUpdatedMs(NOW_MS)
            .lastDirtyMs(NOW_MS)
            .build());
  }

  /** The input rules of spec §6.4 and §6.2. */
  static List<Arguments> accepted() {
    return List.of(
        element("<hostName/>", InstanceInfo::hostName, null),
        element("<vipAddress/>", InstanceInfo::vipAddress, ""),
        element("<vipAddress> a\n</vipAddress>", InstanceInfo::vipAddress, " a\n"),
        element("<sid>a</sid><sid>b</sid>", InstanceInfo::sid, "b"),
        element("<sid>a<!-- x -->b<![CDATA[<&]]>&lt;&#x63;</sid>", InstanceInfo::sid, "ab<&<c"),
        element("<status>Down</status>", InstanceInfo::status, InstanceStatus.DOWN),
        element("<status>gone</status>", InstanceInfo::status, InstanceStatus.UNKNOWN),
        element(
            "<overriddenStatus>up</overriddenStatus>",
            InstanceInfo::overriddenStatus,
            InstanceStatus.UP),
        element("<port>1</port>", InstanceInfo::port, new PortInfo(1, true)),
        element("<port enabled='x'> 2 </port>", InstanceInfo::port, new PortInfo(2, true)),
        element("<port enabled='false'>3</port>", InstanceInfo::port, new PortInfo(3, false)),
        element("<securePort>4</securePort>", InstanceInfo::securePort, new PortInfo(4, false)),
        element(
            "<securePort enabled='true'>5</securePort>",
            InstanceInfo::securePort,
            new PortInfo(5, true)),
        element("<new><app>x</app><new/></new>", InstanceInfo::app, "DEMO"),
        element(
            "<leaseInfo><durationInSecs>0</durationInSecs><x/>"
                + "<renewalIntervalInSecs>7</renewalIntervalInSecs></leaseInfo>",
            InstanceInfo::leaseInfo,
            new LeaseInfo(7, 90, 0, 0, 0, 0)),
        element("<metadata class='x'/>", InstanceInfo::metadata, Map.of()),
        element(
            "<metadata><a__b>1</a__b><a_-b>2</a_-b><_.0031x/><a:b>4</a:b></metadata>",
            InstanceInfo::metadata,
            Map.of("a_b", "1", "a$b", "2", "1x", "", "a:b", "4")),
        element("<dataCenterInfo class='x'/>", InstanceInfo::dataCenterInfo, null),
        element(
            "<dataCenterInfo><x/><name>MyOwn</name></dataCenterInfo>",
            InstanceInfo::dataCenterInfo,
            DataCenterInfo.MY_OWN),
        element(
            "<dataCenterInfo><name>Netflix</name></dataCenterInfo>",
            InstanceInfo::dataCenterInfo,
            new DataCenterInfo("Netflix", Map.of())),
        element(
            "<dataCenterInfo><metadata><ami-id>1</ami-id></metadata><name>AMAZON</name>"
                + "</dataCenterInfo>",
            InstanceInfo::dataCenterInfo,
            new DataCenterInfo("Amazon", Map.of("ami-id", "1"))),
        element("<lastDirtyTimestamp>-1</lastDirtyTimestamp>", InstanceInfo::lastDirtyMs, -1L));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void decodeInstance_element_isAccepted(
      String elements, Function<InstanceInfo, @Nullable Object> accessor, @Nullable Object expected)
      throws MalformedDocumentException {
    InstanceInfo instance = decode("<instance><app>demo</app>" + elements + "</instance>");

    assertThat(accessor.apply(instance)).isEqualTo(expected);
  }

  @Test
  void decodeInstance_declarationAndComments_areSkipped() throws MalformedDocumentException {
    InstanceInfo instance = decode("<?xml version='1.0' encoding='ISO-8859-1'?>\n<!-- a --><?b c?>"
        + "<instance>text<app>d</app></instance>\n<!-- e -->\n");

    assertThat(instance.app()).isEqualTo("D");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{}",
        "<x/>",
        "<instance/>",
        "<instance><app>a</app></instance><instance/>",
        "<instance><app>a</app></instance>x",
        "<instance><app>a</app></Instance>",
        "<instance><app>a<b/></app></instance>",
        "<instance><app>a</app><port/></instance>",
        "<instance><app>a</app><port>99999999999</port></instance>",
        "<instance><app>a</app><metadata><k><v/></k></metadata></instance>",
        "<instance><app>a</app><metadata><>6</></metadata></instance>",
        "<instance><app>a</app><dataCenterInfo><name>Foo</name></dataCenterInfo></instance>",
        "<instance><app>&a;</app></instance>",
        "<instance><app>&#x1;</app></instance>",
        "<!DOCTYPE instance><instance><app>a</app></instance>",
        "<!DOCTYPE instance SYSTEM 'file:///etc/hostname'><instance><app>a</app></instance>",
        "<!DOCTYPE instance [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"
            + "<instance><app>&a;</app></instance>",
        "<!DOCTYPE instance [<!ENTITY a 'a'><!ENTITY b '&a;&a;'>]>"
            + "<instance><app>&b;</app></instance>",
        "<?xml version='1.0' encoding='no-such-thing'?><instance><app>a</app></instance>",
        "<?xml version='1.0' encoding='&#;'?><instance><app>a</app></instance>",
      })
  void decodeInstance_wrongShape_isRefused(String document) {
    MalformedDocumentException refusal =
        catchThrowableOfType(MalformedDocumentException.class, () -> decode(document));

    assertThat(refusal.getMessage())
        .isNotBlank()
        .doesNotContain("\n")
        .contains("(at offset " + refusal.offset() + ")");
    assertThat(refusal.getStackTrace()).isEmpty();
  }

  @Test
  void encodeInstance_nothingSet_omitsAbsentMembers() {
    InstanceInfo instance =
        InstanceInfo.builder().dataCenterInfo(null).app("demo").lastDirtyMs(7).build();

    String full = text(codec.encodeInstance(instance, Form.FULL));
    String compact = text(codec.encodeInstance(instance, Form.COMPACT));

    assertThat(full)
        .startsWith("<instance>\n  <app>DEMO</app>\n  <status>UP</status>\n  <overriddenstatus>")
        .contains("\n  <metadata class=\"java.util.Collections$EmptyMap\"/>\n  <isCoordinating")
        .endsWith("\n  <lastDirtyTimestamp>7</lastDirtyTimestamp>\n</instance>");
    assertThat(compact)
        .isEqualTo("<instance><app>DEMO</app><status>UP</status>"
            + "<lastUpdatedTimestamp>0</lastUpdatedTimestamp>"
            + "<port enabled=\"true\">7001</port>"
            + "<securePort enabled=\"false\">7002</securePort></instance>");
  }

  @Test
  void encodeInstance_specialCharacters_areEscapedOrReplaced() {
    InstanceInfo instance = InstanceInfo.builder()
        .app("a")
        .vipAddress("<>&\"'\r\n\t\0\u0001\u0085é\ud83d\ude00\uffff")
        .metadata(Map.of("", "only the empty key"))
        .build();

    String full = text(codec.encodeInstance(instance, Form.FULL));

    assertThat(full)
        .contains(
            "<vipAddress>&lt;&gt;&amp;&quot;&apos;&#xd;\n\t\ufffd\ufffd&#x85;é\ud83d\ude00\ufffd<")
        .contains("<metadata class=\"java.util.Collections$EmptyMap\"/>");
  }

  @Test
  void encodeApplications_compact_isNotIndentedAndHasTheEmptyFlag() {
    Applications none = new Applications("1", "", List.of());
    Applications one = new Applications("1", "", List.of(new Application("A", List.of())));

    String emptyText = text(codec.encodeApplications(none, Form.COMPACT));
    String text = text(codec.encodeApplications(one, Form.COMPACT));

    assertThat(emptyText)
        .isEqualTo("<applications><registeredApplicationsEmpty>true</registeredApplicationsEmpty>"
            + "<versions__delta>1</versions__delta><apps__hashcode></apps__hashcode>"
            + "</applications>");
    assertThat(text)
        .startsWith("<applications><application><name>A</name></application>"
            + "<registeredApplicationsEmpty>false</registeredApplicationsEmpty>");
  }

  @Test
  void decodeApplications_applicationWithoutName_isRefused() {
    byte[] document =
        "<applications><application/></applications>".getBytes(StandardCharsets.UTF_8);

    MalformedDocumentException refusal = catchThrowableOfType(
        MalformedDocumentException.class,
        () -> codec.decodeApplications(document, 0, document.length, NOW_MS));

    assertThat(refusal).hasMessageStartingWith("expected the element <name> in the application");
  }

  private static Arguments element(
      String elements,
      Function<InstanceInfo, @Nullable Object> accessor,
      @Nullable Object expected) {
    return Arguments.of(elements, accessor, expected);
  }

  private InstanceInfo decode(String document) throws MalformedDocumentException {
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    return codec.decodeInstance(bytes, 0, bytes.length, NOW_MS);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
