// SPDX-License-Identifier: Apache-2.0
/**
 * What a node remembers over a restart: a journal of every change, never of renewals, and now and
 * then a snapshot of all leases. A reader of the registry's change log, with one thread of its own;
 * nothing here runs on an event loop. A disk that fails makes the registry one in memory only,
 * never a dead node; only a start without a usable directory fails.
 *
 * <p>Format 2. Every number is big-endian, or a <i>varint</i>: seven bits a byte, the lowest first,
 * 0x80 on all but the last. A <i>text</i> is a varint of its bytes in UTF-8 and one, then those
 * bytes; 0 stands for null. A <i>map</i> is a varint of its entries, then name and value as texts.
 * A <i>code</i> is a byte: 0 for none, else the constant's place in its enumeration from 1.
 *
 * <pre>
 * file      header (40 bytes, twice; see FileHeader), then frames
 * frame     length of the payload (4), check of length, CRC and salt (4; see FrameLayout), CRC-32C
 *           of salt, length and payload (4), payload: 1..4 MiB
 *
 * journal-VERSION-TWIN.log, a payload each record
 *   1 changed   version, atMs (varints), cause, origin, override (codes), document
 *   2 removed   version, atMs (varints), cause, origin, override (codes), app, id (texts)
 *   3 began     version, atMs, leases (varints)
 *   4 skipped   last version, atMs, first version (varints); a snapshot stands for these changes
 *   5 omitted   version, atMs (varints), cause, origin (codes), app, id (texts), bytes (varint): a
 *               change whose document is over the bound; a start begins without the instance
 *
 * snapshot-VERSION.snap, payloads
 *   1 block     leases, plain bytes (varints), then deflated: for each override (code), document
 *   2 end       leases, version, atMs (varints): what came later is in no lease
 *
 * document  each member in the order of spec 6.1, see InstanceSerializer
 * </pre>
 *
 * <p>A record or lease over {@code FrameLayout.RECORD_BYTES_MAX} is left out, counted and logged:
 * nothing is written that a reader refuses. A lease of 64 KiB or more has a block of its own, so
 * that damage to it costs no other. Format 1 had no check in the head of a frame, no kind 5 and no
 * such blocks; it is read still.
 *
 * <p>A file is never changed once its writer is done, and a start begins a new journal. Whoever
 * changes any of the above, but for constants added at the end of an enumeration, raises
 * {@code FileHeader.FORMAT} and reads the older formats still; the header itself stays as it is in
 * all.
 */
@NullMarked
package io.systole.server.store;

import org.jspecify.annotations.NullMarked;
