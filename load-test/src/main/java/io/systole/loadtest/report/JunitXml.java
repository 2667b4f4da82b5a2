// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.ReportExpectation;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Reports as JUnit XML for CI servers: one suite per run, one test case per expectation. */
public final class JunitXml {
  private static final Pattern ILLEGAL =
      Pattern.compile("[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]");

  private JunitXml() {}

  /** Returns a document with one suite per report. */
  public static String of(List<Report> reports) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      xml.writeStartDocument();
      xml.writeStartElement("testsuites");
      for (Report report : reports) {
        suite(xml, report);
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("writing to a string failed", e);
    }
    return text + System.lineSeparator();
  }

  private static void suite(XMLStreamWriter xml, Report report) throws XMLStreamException {
    long failures =
        report.expectations().stream().filter(expected -> !expected.held()).count()
            + (report.passed() ? 0 : 1);
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", legal(report.name()));
    xml.writeAttribute("tests", Integer.toString(report.expectations().size() + 1));
    xml.writeAttribute("failures", Long.toString(failures));
    xml.writeAttribute("timestamp", legal(report.conditions().startedAt()));
    xml.writeAttribute(
        "time", String.format(Locale.ROOT, "%.3f", report.window().secs()));
    for (ReportExpectation expected : report.expectations()) {
      testCase(xml, report, expected.text(), expected.held(), expected.actual());
    }
    testCase(xml, report, "outcome", report.passed(), report.outcome());
    xml.writeEndElement();
  }

  private static void testCase(
      XMLStreamWriter xml, Report report, String name, boolean isPassed, String actual)
      throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", legal("load-test." + report.conditions().mode()));
    xml.writeAttribute("name", legal(name));
    if (!isPassed) {
      xml.writeStartElement("failure");
      xml.writeAttribute("message", legal(actual));
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  /** Replaces characters that XML 1.0 cannot contain, even escaped, such as control characters. */
  private static String legal(String text) {
    return ILLEGAL.matcher(text).replaceAll("\uFFFD");
  }
}
