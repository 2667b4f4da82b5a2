// SPDX-License-Identifier: Apache-2.0
/**
 * Persistence of the registry: a journal of all changes, never of renewals, and periodic snapshots
 * of all leases. Follows the registry's change log on one separate thread; nothing here runs on an
 * event loop. If the disk fails, the registry is kept in memory only and the node keeps running;
 * only startup fails without a usable directory.
 *
 * <p>Format 2. Numbers are big-endian, or a <i>varint</i>: seven bits a byte, lowest first, 0x80
 * set on all but the last. A <i>text</i> is a varint of its length in UTF-8 plus 1, then the bytes;
 * 0 is null. A <i>map</i> is a varint of its size, then names and values as texts. A <i>code</i> is
 * a byte: 0 for null, else the ordinal of an enum constant plus 1.
 *
 * <pre>
 * file      header (40 bytes, twice; see FileHeader), then frames
 * frame     length of the payload (4), check of length, CRC and salt (4; see FrameLayout), CRC-32C
 *           of salt, length and payload (4), payload: 1..4 MiB
 *
 * journal-VERSION-NNNN.log, one record per payload
 *   1 changed   version, atMs (varints), cause, origin, override (codes), document
 *   2 removed   version, atMs (varints), cause, origin, override (codes), app, id (texts)
 *   3 started   version, atMs, leases (varints)
 *   4 gap       last version, atMs, first version (varints); a snapshot replaces these changes
 *   5 omitted   version, atMs (varints), cause, origin (codes), app, id (texts), bytes (varint): a
 *               change whose document is too large; recovery starts without the instance
 *
 * snapshot-VERSION.snap, payloads
 *   1 block     leases, plain bytes (varints), then deflated, for each: override (code), document
 *   2 end       leases, version, atMs (varints): no lease contains a later change
 *
 * document  all members in the order of spec 6.1, see InstanceSerializer
 * </pre>
 *
 * <p>A record or lease over {@code FrameLayout.RECORD_BYTES_MAX} is omitted, counted and logged, as
 * readers would refuse it. A lease of 64 KiB or more has a separate block, so that damage to it
 * affects no others. Format 1, which is still read, had no check in the head of a frame, no kind 5
 * and no such blocks.
 *
 * <p>A file is never changed once its writer is closed; each start creates a new journal. Any
 * change of the above, except for enum constants added at the end, requires a greater
 * {@code FileHeader.FORMAT} and readers for the older ones; the header is the same in all formats.
 */
@NullMarked
package io.systole.server.store;

import org.jspecify.annotations.NullMarked;
