// SPDX-License-Identifier: Apache-2.0
"use strict";

/*
 * Applies the stored theme before the first paint. This is the only script that blocks rendering;
 * page.js sets up the switch. Without a stored theme, the system's preference applies.
 */
try {
  const theme = localStorage.getItem("systole.theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // Storage is blocked: the system's preference applies.
}
