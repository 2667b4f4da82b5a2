// SPDX-License-Identifier: Apache-2.0

/*
 * Text for people: numbers, durations, times, and text of clients with its invisible characters
 * escaped. Pure functions without access to the document.
 */

const INTEGER = new Intl.NumberFormat("en-US", {maximumFractionDigits: 0});
const DECIMAL = new Intl.NumberFormat("en-US", {maximumFractionDigits: 1});
const PERCENT = new Intl.NumberFormat("en-US", {style: "percent", maximumFractionDigits: 2});

/** Characters that move, hide or reorder other text; the same set as EscapedText of the node. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** Statuses in the order of their columns in the rows of the event stream. */
export const STATUSES = ["UP", "DOWN", "STARTING", "OUT_OF_SERVICE", "UNKNOWN"];

export function count(value) {
  return value == null ? "–" : INTEGER.format(value);
}

/** Returns the number with its noun in the singular or plural. */
export function counted(value, one, many = one + "s") {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function rate(value) {
  return value == null ? "–" : value < 10 ? DECIMAL.format(value) : INTEGER.format(value);
}

export function percent(share) {
  return share == null ? "–" : PERCENT.format(share);
}

/** Returns a duration with two units at most, such as {@code 2 min 59 s}. */
export function duration(ms) {
  if (ms == null || !Number.isFinite(ms)) {
    return "–";
  }
  if (ms < 1000) {
    return `${Math.max(0, Math.round(ms))} ms`;
  }
  const seconds = Math.floor(ms / 1000);
  const parts = [[Math.floor(seconds / 86400), "d"], [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"], [seconds % 60, "s"]];
  const first = parts.findIndex(part => part[0] > 0);
  return parts.slice(first, first + 2).filter(part => part[0] > 0)
    .map(part => part.join(" ")).join(" ");
}

/** Returns a delay: as {@link duration}, but with tenths below ten seconds. */
export function delay(ms) {
  if (ms == null) {
    return "–";
  }
  return ms >= 1000 && ms < 10_000 ? `${DECIMAL.format(ms / 1000)} s`
    : ms < 1000 ? `${rate(ms)} ms` : duration(ms);
}

export function bytes(value) {
  if (value == null || value < 0) {
    return "–";
  }
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const unit = value < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(value) / 10));
  const scaled = value / 1024 ** unit;
  return `${(scaled < 100 ? DECIMAL : INTEGER).format(scaled)} ${units[unit]}`;
}

/** Returns the local time with its date, unless the date is today. */
export function clock(ms) {
  const at = new Date(ms);
  const time = at.toTimeString().slice(0, 8);
  return at.toDateString() === new Date().toDateString() ? time : `${isoDate(at)} ${time}`;
}

/** Returns local time and UTC, to the millisecond. */
export function exact(ms) {
  const at = new Date(ms);
  const millis = String(at.getMilliseconds()).padStart(3, "0");
  return `${isoDate(at)} ${at.toTimeString().slice(0, 8)}.${millis} local, ${at.toISOString()}`;
}

function isoDate(at) {
  const pad = number => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

/** Returns the text with each unsafe character as <code>\uXXXX</code>. */
export function visible(text) {
  return String(text ?? "").replace(UNSAFE, character =>
    [...Array(character.length).keys()]
      .map(i => "\\u" + character.charCodeAt(i).toString(16).padStart(4, "0")).join(""));
}

/**
 * Returns the text as one segment of a path, or null if no URL can hold it: parsers of URLs remove
 * empty and dot segments, which would address something else.
 */
export function segment(text) {
  if (text === "" || text === "." || text === "..") {
    return null;
  }
  try {
    return encodeURIComponent(text).replaceAll("'", "%27");
  } catch {
    return null; // an unpaired surrogate
  }
}

/** Returns the text in single quotes of a POSIX shell. */
export function shellQuoted(text) {
  return "'" + text.replaceAll("'", "'\\''") + "'";
}

/** Returns the URL if it may be opened from this page, else null. */
export function safeUrl(text) {
  if (!/^https?:\/\//i.test(text)) {
    return null;
  }
  try {
    const url = new URL(text);
    return (url.protocol === "http:" || url.protocol === "https:") && !url.username
      ? url.href : null;
  } catch {
    return null;
  }
}
