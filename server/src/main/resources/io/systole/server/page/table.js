// SPDX-License-Identifier: Apache-2.0

/*
 * A table of any number of rows, of which only the visible ones are elements. Row elements are
 * reused: the element of row i is the one at i modulo their number, so that scrolling by one row
 * writes one row. The table is a grid to assistive technology; arrow keys move its active row.
 */

import {h, setText} from "./dom.js";

const OVERSCAN = 6;
const POSITIONS_MAX = 50;
const ROW_REM = 2.25;
const NARROW_ROW_REM = 4.75;

let tables = 0;

/** Scroll positions by name of table, for the way back to a list. */
const positions = new Map();

export class Table {
  #columns;
  #options;
  #rows = [];
  #elements = [];
  #written = [];
  #rowPx = 36;
  #active = -1;
  #activeKey = null;
  #head;
  #space;
  #id = `t${++tables}`;
  #observer;

  /**
   * @param columns with {@code key, label, fill(cell, row)} and optionally {@code className},
   *     {@code isSortable} and {@code title}; fill must overwrite what another row left
   * @param options {@code label}, {@code name} under which the position is kept, {@code key(row)},
   *     {@code href(row)} or null, {@code onSort(key)} if sortable, {@code narrowRem}, the width
   *     below which a row takes several lines
   */
  constructor(columns, options) {
    this.#columns = columns;
    this.#options = options;
    this.#head = h("div", {role: "row", class: "row head", "aria-rowindex": "1"},
      columns.map(column => h("div", {
        role: "columnheader", class: column.className, title: column.title,
      }, column.isSortable
        ? h("button", {type: "button", onclick: () => options.onSort(column.key)}, column.label)
        : column.label)));
    this.#space = h("div", {role: "rowgroup", class: "space"});
    this.element = h("div", {
      role: "grid", class: `grid ${options.className ?? ""}`, tabindex: "0",
      "aria-label": options.label, "aria-colcount": String(columns.length), "aria-rowcount": "1",
      onscroll: () => this.#scrolled(),
      onkeydown: event => this.#keyPressed(event),
      onclick: event => this.#clicked(event),
      onfocus: () => this.#focused(),
    }, h("div", {role: "rowgroup", class: "heads"}, this.#head), this.#space);
    this.#observer = new ResizeObserver(() => this.#resized());
    this.#observer.observe(this.element);
  }

  /** Stops observing. The element may not be used afterwards. */
  dispose() {
    this.#observer.disconnect();
  }

  /** Shows the rows; the array must not be changed afterwards, except by another call. */
  setRows(rows) {
    const isFirst = this.#rows.length === 0 && rows.length > 0;
    this.#rows = rows;
    this.#written.length = 0;
    if (this.#activeKey !== null) {
      this.#active = rows.findIndex(row => this.#options.key(row) === this.#activeKey);
    }
    this.element.setAttribute("aria-rowcount", String(rows.length + 1));
    this.#layOut();
    const position = isFirst ? positions.get(this.#options.name) : undefined;
    if (position) {
      this.element.scrollTop = position;
      this.#draw();
    }
  }

  /** Marks the column by which the rows are sorted. */
  setSort(key, isDescending) {
    this.#columns.forEach((column, i) => {
      const cell = this.#head.children[i];
      if (column.key === key) {
        cell.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
      } else {
        cell.removeAttribute("aria-sort");
      }
    });
  }

  #resized() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const isNarrow = this.element.clientWidth < this.#options.narrowRem * rem;
    this.element.classList.toggle("narrow", isNarrow);
    this.#rowPx = Math.round((isNarrow ? NARROW_ROW_REM : ROW_REM) * rem);
    this.#written.length = 0;
    this.#layOut();
  }

  #layOut() {
    this.#space.style.height = `${this.#rows.length * this.#rowPx}px`;
    this.#draw();
  }

  #scrolled() {
    positions.delete(this.#options.name);
    positions.set(this.#options.name, this.element.scrollTop);
    if (positions.size > POSITIONS_MAX) {
      positions.delete(positions.keys().next().value);
    }
    this.#draw();
  }

  /** Writes the visible rows that their elements don't show yet. */
  #draw() {
    const height = this.element.clientHeight || window.innerHeight;
    const slots = Math.ceil(height / this.#rowPx) + 2 * OVERSCAN;
    const first = Math.max(0, Math.floor(this.element.scrollTop / this.#rowPx) - OVERSCAN);
    const last = Math.min(this.#rows.length, first + slots);
    if (this.#elements.length !== Math.min(slots, this.#rows.length)) {
      this.#resizePool(Math.min(slots, this.#rows.length));
    }
    const pool = this.#elements.length;
    for (let i = Math.max(0, Math.min(first, last - pool)); i < last; i++) {
      const slot = i % pool;
      if (this.#written[slot] !== i) {
        this.#written[slot] = i;
        this.#write(this.#elements[slot], i);
      }
    }
    this.#markActive();
  }

  #resizePool(length) {
    this.#written.length = 0;
    while (this.#elements.length > length) {
      this.#elements.pop().remove();
    }
    while (this.#elements.length < length) {
      const element = h("div", {role: "row", class: "row"}, this.#columns.map((column, i) =>
        h("div", {role: "gridcell", class: column.className, "data-label": column.label},
          i === 0 ? h("a", {tabindex: "-1"}, h("bdi")) : null)));
      this.#elements.push(element);
      this.#space.append(element);
    }
  }

  #write(element, index) {
    const row = this.#rows[index];
    element.id = `${this.#id}-${index}`;
    element.ariaRowIndex = String(index + 2);
    element.style.transform = `translateY(${index * this.#rowPx}px)`;
    element.style.height = `${this.#rowPx}px`;
    const href = this.#options.href?.(row);
    const link = element.firstChild.firstChild;
    if (href) {
      link.href = href;
    } else {
      link.removeAttribute("href");
    }
    this.#columns.forEach((column, i) =>
      column.fill(i === 0 ? link.firstChild : element.children[i], row));
  }

  #markActive() {
    for (const element of this.#elements) {
      const isActive = this.#active >= 0 && element.id === `${this.#id}-${this.#active}`;
      if (element.classList.contains("active") !== isActive) {
        element.classList.toggle("active", isActive);
        element.ariaSelected = isActive ? "true" : null;
      }
    }
    if (this.#active >= 0) {
      this.element.setAttribute("aria-activedescendant", `${this.#id}-${this.#active}`);
    } else {
      this.element.removeAttribute("aria-activedescendant");
    }
  }

  #keyPressed(event) {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#rowPx) - 2);
    const moves = {
      ArrowDown: this.#active + 1, ArrowUp: this.#active - 1, Home: 0,
      End: this.#rows.length - 1, PageDown: this.#active + page, PageUp: this.#active - page,
    };
    if (event.key in moves) {
      event.preventDefault();
      this.#activate(moves[event.key]);
    } else if (event.key === "Enter" && this.#active >= 0) {
      this.#open(this.#rows[this.#active]);
    }
  }

  /** Starts at the first visible row when the focus comes from the keyboard. */
  #focused() {
    if (this.#active < 0 && this.element.matches(":focus-visible")) {
      this.#activate(Math.ceil(this.element.scrollTop / this.#rowPx));
    }
  }

  #activate(index) {
    if (this.#rows.length === 0) {
      return;
    }
    this.#active = Math.max(0, Math.min(this.#rows.length - 1, index));
    this.#activeKey = this.#options.key(this.#rows[this.#active]);
    const top = this.#active * this.#rowPx;
    const visiblePx = this.element.clientHeight - this.#head.offsetHeight;
    if (top < this.element.scrollTop) {
      this.element.scrollTop = top;
    } else if (top + this.#rowPx > this.element.scrollTop + visiblePx) {
      this.element.scrollTop = top + this.#rowPx - visiblePx;
    }
    this.#draw();
  }

  #clicked(event) {
    const element = event.target.closest(".space > .row");
    if (element && !event.target.closest("a[href], button") && getSelection().isCollapsed) {
      this.#open(this.#rows[Number(element.ariaRowIndex) - 2]);
    }
  }

  #open(row) {
    const href = row && this.#options.href?.(row);
    if (href) {
      location.hash = href;
    }
  }
}

/** Fills a cell with a number; zeros are marked to recede. */
export function fillNumber(cell, number, text) {
  setText(cell, text);
  cell.classList.toggle("zero", number === 0);
}
