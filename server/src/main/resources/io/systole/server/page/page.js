// SPDX-License-Identifier: Apache-2.0
"use strict";

const rows = new Map();

function show() {
  const body = document.getElementById("applications");
  body.replaceChildren(...[...rows.values()].map(([name, instances]) => {
    const row = document.createElement("tr");
    for (const text of [name, instances]) {
      row.appendChild(document.createElement("td")).textContent = text;
    }
    return row;
  }));
}

const stream = new EventSource("/systole/stream");
stream.addEventListener("applications", event => {
  const data = JSON.parse(event.data);
  if (data.reset) {
    rows.clear();
  }
  for (const row of data.rows) {
    if (row[1] === 0) {
      rows.delete(row[0]);
    } else {
      rows.set(row[0], row);
    }
  }
  if (!data.more) {
    show();
  }
});
stream.addEventListener("tick", event => {
  const data = JSON.parse(event.data);
  document.getElementById("summary").textContent = data.selfPreservation.summary;
});
