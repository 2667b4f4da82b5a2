// SPDX-License-Identifier: Apache-2.0
/**
 * The messages between the members of a native cluster, and their encoding. The registry, its state
 * and I/O do not belong here. A message is an array of bytes; its length is not part of it.
 *
 * <p>Numbers are big-endian, with their bytes in parentheses. A <i>varint</i>, <i>text</i>,
 * <i>code</i> and <i>document</i> are those of {@code io.systole.server.record}; texts are not
 * null. <i>Flags</i> are one byte, the sum of those that are set. Nothing follows the last field.
 *
 * <pre>
 * message    kind (1), version (1), then for each kind
 *   1 HELLO    protocolMin, protocolMax (1 each, 1..255), flags: 1 complete, 2 draining; name, url,
 *              build (texts of up to 4,096 bytes)
 *   2 RECORDS  records
 *   3 BEAT     window (8, not negative), number of sections (2), sections
 *   4 DIGEST   1,024 times: leases (varint, 0..2^31-1), unless these are 0 the exclusive or of
 *              their entry hashes (8), youngest clock (8)
 *   5 PULL     request (8), bucket (varint, 0..1023), number of entries (varint, 0..65,000), for
 *              each the key hash (8) and entry hash (8)
 *   6 PUSH     request (8), bucket (varint, 0..1023), flags: 1 last part; records
 *   7 DRAIN    nothing
 *
 * section    owner (8), flags: 1 renewed by stock peers, 2 bitmap; length (4) of the rest: the set
 *            of the numbers that are renewed, as gaps or as a bitmap (NumberSetEncoder)
 *
 * records    number of epochs (varint, 0..255), epochs (8 each), number of records (varint), then
 *            for each: kind (1), flags: 1 by a stock peer, and for REG 2 override, 4 age; then
 *   1 REG      stamp, owner of the id (index), number (varint, 0..2^31-1), override if there is
 *              one, age of the last renewal in ms if there is one (varint, not negative), document
 *   2 DEL      app, id (texts, not empty), cause (code of RemovalCause, not 0), stamp
 *
 * stamp      rank (8), clock (8), owner (index)
 * override   status (code, 0 if the override was removed), clock (8), member (index)
 * index      of an epoch in the table of the message (1)
 * </pre>
 *
 * <p>Rank, clocks and epochs are any 64-bit numbers. {@code KeyHash} and {@code EntryHash} specify
 * the hashes. A BEAT has at most 60,000 bytes, as have RECORDS and PUSH unless a single record is
 * larger; only the sender observes these limits.
 *
 * <p><b>Versions.</b> Version 1 has no bitmaps; version 2 is the one above. The version of a
 * message is the least protocolMax of the view, 1 while one of them is unknown; that of a HELLO is
 * the oldest that its sender reads. A member skips a message of an unknown kind, and refuses one of
 * a known kind in a version that it can't read. Any change of the above, also of a document or an
 * enum, requires a new version, except for a new kind of messages.
 *
 * <p>Examples: a BEAT of window 258, by instances with numbers 3, 4 and 200 of owner 9; and RECORDS
 * with the removal of A/i by CANCEL.
 *
 * <pre>
 * 03 02 0000000000000102 0001 0000000000000009 00 00000004 03 00 c301
 * 02 01 01 0000000000000009 01 02 00 0241 0269 01 00000000000003e8 0000000003e80001 00
 * </pre>
 */
@NullMarked
package io.systole.server.cluster.message;

import org.jspecify.annotations.NullMarked;
