// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.RecordedExchange.RecordedAnswer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where we answer otherwise than the original, and why.
 *
 * @param reason with the place in the spec that says so
 * @param status ours
 * @param type ours, null without a body
 * @param text what our body says and the original's doesn't; may be empty
 * @param lines which lines of the canonical body differ and no others, as a regular expression;
 *     empty when the bodies are not compared
 */
record IntendedDifference(
    String reason, int status, @Nullable String type, String text, String lines) {
  private static final String JSON = "application/json";
  private static final String XML = "application/xml";
  private static final String TEXT = "text/plain; charset=utf-8";

  /** Matches nothing. */
  private static final String NO_LINE = "(?!)";

  private static final Map<String, IntendedDifference> BY_EXCHANGE = new TreeMap<>();

  static {
    because("a bad number or status is refused before it has any effect: spec §9 no. 6")
        .bare(400, "hb-bad-ts", "hb-empty-ts", "status-put-bogus", "status-put-lower")
        .bare(400, "status-put-novalue", "status-form-body", "status-del-bogus");
    because("a peer's odd override is none: spec §8 row 27").bare(404, "hb-overridden-bogus-repl");
    because("a body without what it must have is the sender's fault: spec §3.1, §5.1")
        .with(400, JSON, "cannot parse request body", "reg-null", "batch-nolist");
    because("only what has a body can be unacceptable: spec §1.4").bare(200, "hb-accept-html");
    because("who takes neither JSON nor XML is given XML, not 406: spec §1.4")
        .with(200, XML, "<applications>", "get-apps-accept-html")
        .with(200, JSON, "{\"applications\":", "get-apps-accept-plus");
    because("bodies are labelled truthfully: spec §1.4, §9 no. 20")
        .with(200, JSON, "{\"applications\":", "accept-caps")
        .but("lastRenewalTimestamp=.*", JSON, "accept-xml-json");
    because("a reason in plain words is plain text: spec §1.7")
        .typed(400, TEXT, "reg-empty-app", "reg-mismatch-app", "reg-no-host", "reg-empty-host")
        .typed(400, TEXT, "reg-empty-id-nohost", "reg-no-ip", "reg-no-dci", "reg-dci-null")
        .typed(400, TEXT, "reg-dci-noname", "reg-xml-nodci");
    because("gzip;q=0 means no: spec §1.5, §9 no. 20").typed(200, JSON, "get-apps-gzip-q0");
    because("packed bodies are taken: spec §1.5, §9 no. 24")
        .bare(204, "reg-gzip")
        .with(200, JSON, "{\"statusCode\":200}", "batch-gzip");
    because("what is unknown is skipped, what can be understood is: spec §6.1, §6.2, §9 no. 37")
        .bare(204, "reg-dci-noclass", "reg-dci-extra", "reg-unknown-array", "reg-unknown-fields")
        .bare(204, "reg-port-int", "reg-port-extra");
    because("one bad item is one bad item: spec §9 no. 23")
        .with(200, JSON, "[{\"statusCode\":500}]", "batch-unknown-action")
        .with(200, JSON, "[{\"statusCode\":200}]", "batch-unknown-field")
        .with(200, JSON, "[{\"statusCode\":500}]", "batch-extra-wrapped-instance");
    because("a batch is answered in JSON, the one language that peers read: spec §5.1")
        .with(200, JSON, "{\"responseList\":[{\"statusCode\":200}]}", "batch-noaccept")
        .with(200, JSON, "{\"responseList\":[{\"statusCode\":200}]}", "batch-xml-accept");
    because("a percent-encoded slash is part of the id: spec §1.3").bare(404, "reg-hb-pct2f");
    because("no application is called ALL_APPS: spec §1.3, §9 no. 19").bare(404, "vip-delta-name");
    because("OPTIONS is answered by its headers: spec §1.2").bare(204, "options-apps");
    because("/v2 is a prefix, too: spec §1.1").with(200, JSON, "{\"applications\":", "v2-root");
    because("overrides can be read: spec §9 no. 33")
        .with(200, JSON, "{}", "serverinfo", "serverinfo-root");
    because("long leases don't overflow: spec §2.4, §9 no. 35")
        .with(200, JSON, "\"durationInSecs\":2147484", "overflow-duration");
    because("an entry with an empty name has no place in XML: spec §9 no. 36")
        .with(200, XML, "", "get-meta-odd-keys-xml");
    because("an override that a heartbeat applies is a change like any other: spec §9 no. 9")
        .but("actionType=.*", JSON, "after-oos-repl2", "apps-after-oos-hb-cached")
        .but("actionType=.*", JSON, "delta-after-oos-hb");
    because("an override belongs to one instance of one application: spec §9 no. 10")
        .but(
            "(status|overriddenStatus|serviceUpTimestamp)=.*", JSON, "rule-67-get", "rule-68c-get");
    because("lists are made of what changed, so renewals since don't show: spec §9 no. 2")
        .but("lastRenewalTimestamp=.*", JSON, "apps-hash-mixed", "apps-bad-eureka-accept")
        .but("lastRenewalTimestamp=.*", JSON, "vip-regions", "delta-regions", "delta-evicted");
  }

  /** The error page of the original stands for no information; ours is empty (spec §1.7). */
  static boolean isErrorPage(RecordedAnswer response) {
    return response.status() >= 400
        && response.body().startsWith("{\"timestamp\":")
        && response.body().contains("\"path\":\"");
  }

  static @Nullable IntendedDifference of(RecordedExchange exchange) {
    IntendedDifference listed = BY_EXCHANGE.get(exchange.name());
    RecordedAnswer response = exchange.response();
    if (listed != null || response == null || !isErrorPage(response)) {
      return listed;
    }
    return new IntendedDifference(
        "errors have no body: spec §1.7, §9 no. 5", response.status(), null, "", "");
  }

  static List<String> listed() {
    return List.copyOf(BY_EXCHANGE.keySet());
  }

  private static Reason because(String reason) {
    return new Reason(reason);
  }

  private record Reason(String reason) {
    /** An answer of status line alone. */
    Reason bare(int status, String... exchanges) {
      return with(status, null, "", exchanges);
    }

    /** An answer with a body. */
    Reason with(int status, @Nullable String type, String text, String... exchanges) {
      return add(new IntendedDifference(reason, status, type, text, ""), exchanges);
    }

    /** The same body, but labelled or coded otherwise. */
    Reason typed(int status, String type, String... exchanges) {
      return add(new IntendedDifference(reason, status, type, "", NO_LINE), exchanges);
    }

    /** The same answer but for some lines of its body. */
    Reason but(String lines, String type, String... exchanges) {
      return add(new IntendedDifference(reason, 200, type, "", lines), exchanges);
    }

    private Reason add(IntendedDifference difference, String... exchanges) {
      for (String exchange : exchanges) {
        if (BY_EXCHANGE.put(exchange, difference) != null) {
          throw new IllegalStateException("listed twice: " + exchange);
        }
      }
      return this;
    }
  }
}
