// SPDX-License-Identifier: Apache-2.0

/*
 * Plots over time, drawn by uPlot, each with a legend that shows the latest values, or those under
 * the pointer.
 */

import {h, setText} from "./dom.js";

const WINDOW_S = 300;

/** A plot of some columns of {@code Live.points}. */
export class Chart {
  #lines;
  #format;
  #points;
  #plot = null;
  #place;
  #values;
  #observer;

  /** @param lines with {@code column, label, colour}, the colour a number from 0 */
  constructor(label, lines, format, points) {
    this.#lines = lines;
    this.#format = format;
    this.#points = points;
    this.#place = h("div", {class: "plot", role: "img", "aria-label": label});
    this.#values = lines.map(() => h("b", {}, "–"));
    this.element = h("figure", {class: "chart"},
      h("figcaption", {}, h("span", {class: "name"}, label),
        h("span", {class: "legend"}, lines.map((line, i) =>
          h("span", {class: `series c${line.colour}`}, h("i"), line.label, " ",
            this.#values[i])))),
      this.#place);
    this.#observer = new ResizeObserver(() => this.#resized());
    this.#observer.observe(this.#place);
  }

  dispose() {
    this.#observer.disconnect();
    this.#plot?.destroy();
  }

  /** Draws what the columns hold now. */
  update() {
    if (this.#plot) {
      this.#plot.setData(this.#data());
      this.#showValues();
    }
  }

  /** Draws with the colours of another theme. */
  restyle() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#resized();
  }

  #data() {
    return [this.#points.at, ...this.#lines.map(line => this.#points[line.column])];
  }

  #resized() {
    const width = this.#place.clientWidth;
    if (width === 0) {
      return;
    }
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const size = {width, height: this.#place.clientHeight};
    if (this.#plot) {
      this.#plot.setSize(size);
    } else {
      this.#plot = new window.uPlot(this.#uPlotOptions(size, rem), this.#data(), this.#place);
      this.#showValues();
    }
  }

  #uPlotOptions(size, rem) {
    const style = getComputedStyle(this.element);
    const faint = getComputedStyle(this.#place).color;
    const grid = {stroke: style.outlineColor, width: 1};
    const axis = {stroke: faint, grid, ticks: {show: false}, font: `${0.75 * rem}px system-ui`};
    return {
      ...size,
      legend: {show: false},
      cursor: {drag: {x: false, y: false}, points: {size: 6}},
      hooks: {setCursor: [() => this.#showValues()]},
      scales: {
        x: {range: (u, min, max) => [Math.min(max ?? 0, (max ?? 0) - WINDOW_S), max ?? 0]},
        y: {range: (u, min, max) => [0, (max || 1) * 1.15]},
      },
      axes: [
        {...axis, size: 2 * rem, values: (u, splits) => splits.map(seconds =>
          new Date(seconds * 1000).toTimeString().slice(0, seconds % 60 === 0 ? 5 : 8)),
        space: 5.5 * rem},
        {...axis, size: 4 * rem, space: 2.4 * rem,
          values: (u, splits) => splits.map(value => this.#format(value))},
      ],
      series: [{}, ...this.#lines.map((line, i) => {
        const stroke = getComputedStyle(this.#values[i].parentNode.firstChild).color;
        return {stroke, width: 1.75, points: {show: false}, spanGaps: false, label: line.label,
          dash: line.dash};
      })],
    };
  }

  #showValues() {
    const index = this.#plot?.cursor.idx ?? this.#points.at.length - 1;
    this.#lines.forEach((line, i) => {
      const value = this.#points[line.column][index];
      setText(this.#values[i], value == null ? "–" : this.#format(value));
    });
  }
}
