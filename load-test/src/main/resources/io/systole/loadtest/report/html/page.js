// SPDX-License-Identifier: Apache-2.0
"use strict";

/*
 * Draws the plots from the columns in #data. A single run has a line for each quantity. When several
 * series are compared, each has its own colour for all its rounds, and quantities differ by dashes.
 */
{
  const data = JSON.parse(document.getElementById("data").textContent);
  const single = data.series.length === 1 && data.series[0].rounds.length === 1;
  const MUTED = 7; // the colour of reference lines

  // Lines are [column, label, colour, dashes]; overlay names the columns drawn when comparing.
  const PLOTS = {
    throughput: {
      unit: "/s", overlay: ["answered", "errors"], labelled: true,
      lines: [["due", "due", MUTED, [6, 4]], ["answered", "answered", 0], ["not200", "not 200", 1],
        ["failed", "failed", 3, [3, 3]], ["errors", "not 200 or failed", 1]],
      only: ["due", "answered", "not200", "failed"],
    },
    registrations: {unit: "/s", lines: [["registered", "registrations", 2]]},
    latency: {
      unit: " ms", log: true, overlay: ["p99", "p50"], labelled: true,
      lines: [["max", "max", MUTED, [2, 3]], ["p999", "p99.9", 3], ["p99", "p99", 1],
        ["p90", "p90", 2], ["p50", "p50", 0]],
    },
    percentiles: {
      unit: " ms", log: true, x: "percentileX", lines: [["percentileMs", "latency from due", 0]],
    },
    waiting: {unit: "", lines: [["waiting", "waiting", 0]]},
    cpu: {unit: " cores", lines: [["targetCores", "target", 0], ["ownCores", "generator", 1, [6, 4]]]},
    memory: {unit: " MiB", lines: [["residentMib", "resident", 0], ["heapMib", "heap", 2, [6, 4]]]},
    lag: {unit: " ms", lines: [["lag", "lag", 1]]},
  };
  const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
  const MARKER_BAND = 22;

  const colour = name =>
    getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  function number(value, unit) {
    if (value == null) return "–";
    const digits = Math.abs(value) >= 100 || value === 0 ? 0 : Math.abs(value) >= 10 ? 1
      : Math.abs(value) >= 1 ? 2 : 3;
    return value.toLocaleString("en-US", {
      minimumFractionDigits: 0, maximumFractionDigits: digits,
    }) + unit;
  }

  /** Returns the legend's entries; rounds that share an entry are its curves. */
  function entriesOf(plot) {
    const x = plot.x ?? "at";
    const columns = (single ? plot.only : plot.overlay) ?? plot.lines.map(line => line[0]);
    const lines = columns.map(column => plot.lines.find(line => line[0] === column));
    return data.series.flatMap((each, s) => lines.map(([column, label, lineColour, dash], l) => ({
      column,
      label: single ? label : lines.length === 1 ? each.name : each.name + ", " + label,
      colour: "c" + (single ? lineColour : s),
      dash: single ? dash ?? [] : DASHES[l],
      curves: each.rounds
        .filter(({columns}) => columns[x] && columns[column])
        .map(({columns}) => [columns[x], positive(columns[column], plot.log)]),
    }))).filter(entry => entry.curves.length > 0 && !isIdle(entry));
  }

  /** Replaces values that a logarithmic scale cannot show. */
  const positive = (values, log) => log ? values.map(v => v > 0 ? v : null) : values;

  /** Returns whether an error curve is zero throughout, and can be left out of a comparison. */
  const isIdle = ({column, curves}) =>
    column === "errors" && curves.every(([, values]) => values.every(v => !v));

  function percent(x) {
    const value = 100 - 100 / x;
    return Number(value.toPrecision(7)) + " %";
  }

  /** Returns the index nearest to idx at which this curve has a value. */
  function nearest(u, series, idx) {
    const values = u.data[series];
    for (let off = 0; off < 64; off++) {
      if (values[idx - off] !== undefined) return idx - off;
      if (values[idx + off] !== undefined) return idx + off;
    }
    return idx;
  }

  /** Returns the window's start and end on the canvas, clipped to the plot. */
  function windowEdges(u) {
    const ends = data.series.flatMap(each => each.rounds.map(round => round.windowSecs));
    const {left, width} = u.bbox;
    return [0, Math.max(...ends)].map(secs =>
      Math.min(left + width, Math.max(left, u.valToPos(secs, "x", true))));
  }

  function shadeOutsideWindow(u) {
    const {left, top, width, height} = u.bbox;
    const [start, end] = windowEdges(u);
    u.ctx.save();
    u.ctx.fillStyle = colour("shade");
    u.ctx.fillRect(left, top, start - left, height);
    u.ctx.fillRect(end, top, left + width - end, height);
    u.ctx.restore();
  }

  function nameShades(u) {
    const {ctx, bbox: {left, top, width}} = u;
    const [start, end] = windowEdges(u);
    const px = uPlot.pxRatio;
    ctx.save();
    ctx.font = `${11 * px}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.textBaseline = "top";
    for (const [text, from, to] of [["before the window", left, start], ["after the window", end, left + width]]) {
      const size = ctx.measureText(text).width + 6 * px;
      if (size < to - from) {
        ctx.fillStyle = colour("shade");
        ctx.fillRect(from, top, size, 16 * px);
        ctx.fillStyle = colour("faint");
        ctx.fillText(text, from + 4 * px, top + 3 * px);
      }
    }
    ctx.restore();
  }

  /** Draws a vertical line for each event with its number, and its text where it fits. */
  function drawMarkers(u, labelled) {
    const {ctx, bbox} = u;
    const px = uPlot.pxRatio;
    const right = bbox.left + bbox.width;
    const shown = data.markers
      .map(marker => ({marker, x: u.valToPos(marker.atSecs, "x", true)}))
      .filter(({x}) => x >= bbox.left && x <= right)
      .sort((a, b) => a.x - b.x);
    ctx.save();
    ctx.font = `${12 * px}px system-ui, sans-serif`;
    ctx.textBaseline = "middle";
    const middle = bbox.top - MARKER_BAND / 2 * px;
    let free = bbox.left - 10 * px;
    shown.forEach(({marker, x}, i) => {
      ctx.strokeStyle = ctx.fillStyle = single ? colour("faint") : colour("c" + marker.seriesIndex);
      ctx.lineWidth = px;
      ctx.setLineDash([4 * px, 3 * px]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top - 3 * px);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const name = String(marker.number);
      const width = Math.max(16 * px, ctx.measureText(name).width + 8 * px);
      if (x - width / 2 < free) return;
      ctx.beginPath();
      ctx.roundRect(x - width / 2, middle - 8 * px, width, 16 * px, 8 * px);
      ctx.fill();
      ctx.fillStyle = colour("paper");
      ctx.textAlign = "center";
      ctx.fillText(name, x, middle + px / 2);
      free = x + width / 2 + 2 * px;
      const space = (i + 1 < shown.length ? shown[i + 1].x - 12 * px : right) - free - 6 * px;
      if (labelled && ctx.measureText(marker.text).width <= space) {
        ctx.fillStyle = colour("ink");
        ctx.textAlign = "left";
        ctx.fillText(marker.text, free + 2 * px, middle + px / 2);
        free += ctx.measureText(marker.text).width + 6 * px;
      }
    });
    ctx.restore();
  }

  function axes(plot) {
    const style = {
      stroke: colour("faint"), font: "12px system-ui, sans-serif",
      grid: {stroke: colour("grid"), width: 1}, ticks: {stroke: colour("grid"), width: 1, size: 4},
    };
    const y = {...style, size: 80, values: (u, splits) => splits.map(v =>
      v == null ? "" : number(v, plot.unit))};
    if (plot.log) {
      // Labels powers of ten only, unless there would be too few.
      const sparse = (u, splits) => u.scales.y.max / u.scales.y.min < 50 ? splits
        : splits.map(v => Number.isInteger(Math.log10(Number(v.toPrecision(6)))) ? v : null);
      y.filter = sparse;
      y.grid = {...style.grid, filter: sparse};
      y.ticks = {...style.ticks, filter: sparse};
    }
    style.size = 30;
    if (!plot.x) {
      return [{...style, values: (u, splits) => splits.map(v => v.toLocaleString("en-US") + " s")}, y];
    }
    const decades = u => {
      const splits = [2];
      for (let x = 10; x <= u.scales.x.max; x *= 10) splits.push(x);
      return splits;
    };
    return [{...style, splits: decades, filter: (u, splits) => splits,
      values: (u, splits) => splits.map(percent)}, y];
  }

  /** A range from 0 with a margin; never empty. */
  const linear = (u, min, max) => [0, max > 0 ? max * 1.05 : 1];

  /** A range from the median to the rarest value. */
  const rarities = (u, min, max) => [2, Math.max(max ?? 10, 10)];

  function legend(figure, plot, entries, u) {
    const list = document.createElement("ul");
    list.className = "legend";
    const at = document.createElement("li");
    at.className = "at";
    entries.forEach(entry => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", "true");
      button.append(swatch(entry), entry.label, entry.output = document.createElement("output"));
      button.addEventListener("click", () => {
        const show = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(show));
        entry.series.forEach(series => u().setSeries(series, {show}));
      });
      const item = document.createElement("li");
      item.append(button);
      list.append(item);
    });
    list.append(at);
    figure.append(list);
    return chart => {
      const {idx, idxs} = chart.cursor;
      at.textContent = idx == null ? "" : plot.x ? percent(chart.data[0][idx])
        : "at " + number(chart.data[0][idx], " s");
      entries.forEach(entry => {
        const values = idx == null ? [] : entry.series
          .map(series => chart.data[series][idxs[series]]).filter(v => v != null);
        const [least, most] = [Math.min(...values), Math.max(...values)];
        entry.output.textContent = values.length === 0 ? "" : least === most
          ? number(least, plot.unit) : number(least, "") + "–" + number(most, plot.unit);
      });
    };
  }

  function swatch({colour: name, dash}) {
    const canvas = document.createElement("canvas");
    canvas.width = 48;
    canvas.height = 20;
    canvas.setAttribute("aria-hidden", "true");
    const ctx = canvas.getContext("2d");
    ctx.strokeStyle = colour(name);
    ctx.lineWidth = 5;
    ctx.setLineDash(dash.map(length => length * 2));
    ctx.beginPath();
    ctx.moveTo(0, 10);
    ctx.lineTo(48, 10);
    ctx.stroke();
    return canvas;
  }

  function draw(figure) {
    const plot = PLOTS[figure.dataset.plot];
    const container = figure.querySelector(".plot");
    const entries = entriesOf(plot);
    const tables = entries.flatMap(entry => entry.curves);
    const series = [{}];
    entries.forEach(entry => {
      entry.series = entry.curves.map(() => series.push({
        label: entry.label, stroke: colour(entry.colour), dash: entry.dash,
        width: entry.curves.length > 1 ? 1.25 : 2, points: {show: false},
      }) - 1);
    });
    const isTime = !plot.x;
    let chart;
    const readOut = legend(figure, plot, entries, () => chart);
    chart = new uPlot({
      width: container.clientWidth,
      height: container.clientHeight,
      padding: [isTime && data.markers.length > 0 ? MARKER_BAND : 8, 24, 0, 0],
      legend: {show: false},
      cursor: {sync: isTime ? {key: "time"} : undefined, dataIdx: nearest, y: false},
      scales: {
        x: isTime ? {time: false} : {time: false, distr: 3, log: 10, range: rarities},
        y: plot.log ? {distr: 3, log: 10} : {range: linear},
      },
      axes: axes(plot),
      series,
      hooks: {
        drawClear: isTime ? [shadeOutsideWindow] : [],
        drawAxes: isTime ? [nameShades] : [],
        draw: isTime ? [u => drawMarkers(u, plot.labelled)] : [],
        setCursor: [readOut],
      },
    }, uPlot.join(tables), container);
    const observer = new ResizeObserver(() =>
      chart.setSize({width: container.clientWidth, height: container.clientHeight}));
    observer.observe(container);
    return () => {
      observer.disconnect();
      chart.destroy();
      figure.querySelector(".legend").remove();
    };
  }

  let drawn = [];
  function drawAll() {
    drawn.forEach(remove => remove());
    drawn = [...document.querySelectorAll("figure[data-plot]")].map(draw);
  }

  /** Redraws with the colours of paper, or of the screen. */
  function printing(begins) {
    document.documentElement.classList.toggle("printing", begins);
    drawAll();
  }

  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  addEventListener("beforeprint", () => printing(true));
  addEventListener("afterprint", () => printing(false));
}
