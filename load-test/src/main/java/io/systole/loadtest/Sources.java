// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Local addresses, written {@code 127.0.0.2,127.0.0.3} or {@code 127.0.0.2-9}. */
record Sources(List<InetAddress> addresses) {
  /** An IPv4 address, optionally with the last number of a range. */
  private static final Pattern IPV4 =
      Pattern.compile("(\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.)(\\d{1,3})(?:-(\\d{1,3}))?");

  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.%]*:[0-9a-zA-Z:.%]*");

  /** Parses the notation; host names are not resolved. */
  static final class Converter implements ITypeConverter<Sources> {
    @Override
    public Sources convert(String text) {
      List<InetAddress> addresses = new ArrayList<>();
      for (String part : text.split(",", -1)) {
        add(part.strip(), addresses);
      }
      return new Sources(List.copyOf(addresses));
    }

    private static void add(String part, List<InetAddress> addresses) {
      Matcher ipv4 = IPV4.matcher(part);
      if (!ipv4.matches()) {
        addresses.add(address(IPV6.matcher(part).matches() ? part : "", part));
        return;
      }
      int first = Integer.parseInt(ipv4.group(2));
      int last = ipv4.group(3) == null ? first : Integer.parseInt(ipv4.group(3));
      if (last < first) {
        throw invalid(part);
      }
      for (int number = first; number <= last; number++) {
        addresses.add(address(ipv4.group(1) + number, part));
      }
    }

    private static InetAddress address(String literal, String part) {
      try {
        if (literal.isEmpty()) {
          throw invalid(part);
        }
        return InetAddress.getByName(literal);
      } catch (UnknownHostException e) {
        throw invalid(part);
      }
    }

    private static TypeConversionException invalid(String part) {
      return new TypeConversionException(
          "expected addresses such as 127.0.0.2,127.0.0.3 or 127.0.0.2-9, got '" + part + "'");
    }
  }
}
