// Draws the tree that tree.py made. Every choice in the page builds the graph anew from the samples.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const ROOT = 0;
const CELL_PX = 20;
const LEAST_PX = 1; // narrower frames are not drawn; zooming in shows them
const MOST_LABELS = 200; // in the list; the ones that have most
const MATCH = "#e11dd4";

const BYTES = [["TB", 2 ** 40], ["GB", 2 ** 30], ["MB", 2 ** 20], ["kB", 2 ** 10], ["B", 1]];
const TIMES = [["hrs", 3.6e12], ["mins", 6e10], ["s", 1e9], ["ms", 1e6], ["us", 1e3], ["ns", 1]];
const SCALES = {
  bytes: [1, BYTES], nanoseconds: [1, TIMES], microseconds: [1e3, TIMES], milliseconds: [1e6, TIMES],
  seconds: [1e9, TIMES],
};

function scaled(value, unit) {
  const [factor, scale] = SCALES[unit] || [1, [["", 1]]];
  const amount = value * factor;
  const [name, size] = scale.find((each) => Math.abs(amount) >= each[1]) || scale[scale.length - 1];
  return `${Number((amount / size).toFixed(2)).toLocaleString("en")}${name ? ` ${name}` : ""}`;
}

function share(part, whole) {
  return whole ? `${(100 * part / whole).toFixed(part / whole < 0.01 ? 2 : 1)} %` : "0 %";
}

// What the page shows now.
const chosen = {
  get type() { return Number(at("type").value); },
  get sign() { return Number(at("sign").value); },
  get label() { return at("label").value === "" ? null : Number(at("label").value); },
  get lines() { return at("lines").checked; },
  get unit() { return data.types[this.type][1]; },
};

function amounts(label) {
  // The samples that have a label, each as its node and what it adds; no label means all.
  const { type, sign } = chosen;
  return data.samples
    .filter(([, labels]) => label === null || labels.includes(label))
    .map(([node, , values]) => [node, Math.max(0, sign * values[type])]);
}

function sum(rows) {
  return rows.reduce((whole, [, amount]) => whole + amount, 0);
}

function drawn() {
  // The tree for the library. A parent comes before its children, so two walks over the nodes will do.
  const count = data.nodes.length / 2 + 1;
  const totals = new Float64Array(count);
  const rows = amounts(chosen.label);
  for (const [node, amount] of rows) totals[node] += amount;
  for (let node = count - 1; node > ROOT; node--) totals[data.nodes[2 * node - 2]] += totals[node];

  const root = { name: "all", file: "", line: 0, value: totals[ROOT], children: [], known: new Map() };
  const made = [root];
  for (let node = 1; node < count; node++) {
    if (!totals[node]) continue;
    const parent = made[data.nodes[2 * node - 2]];
    const frame = data.nodes[2 * node - 1];
    const [where, line] = data.frames[frame];
    const key = chosen.lines ? frame : where;
    let child = parent.known.get(key);
    if (!child) {
      const [name, file] = data.functions[where];
      child = { name, file, line: chosen.lines ? line : 0, value: 0, children: [], known: new Map() };
      parent.known.set(key, child);
      parent.children.push(child);
    }
    child.value += totals[node];
    made[node] = child;
  }
  return root;
}

function place(frame) {
  const file = frame.line ? `${frame.file}:${frame.line}` : frame.file;
  return file ? `${frame.name}  ${file}` : frame.name;
}

function told(node) {
  const { value } = node.data;
  const self = value - node.data.children.reduce((all, child) => all + child.value, 0);
  const own = self && node.data.children.length ? `, ${scaled(self, chosen.unit)} by itself` : "";
  return `${place(node.data)}: ${scaled(value, chosen.unit)}, ${share(value, whole)}${own}`;
}

function colour(node) {
  if (node.highlight) return MATCH;
  if (!node.parent) return "#c3cad2";
  let hash = 2166136261; // FNV-1a over the file: one hue for a file, a shade for a function
  for (const letter of node.data.file) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619) >>> 0;
  let shade = 0;
  for (const letter of node.data.name) shade = (shade * 31 + letter.charCodeAt(0)) % 97;
  return `hsl(${hash % 360} 62% ${70 + shade % 14}%)`;
}

function matches(node, term) {
  return Boolean(term) && node.parent !== null && (term.test(node.data.name) || term.test(node.data.file));
}

function search() {
  const text = at("search").value;
  let term = null;
  try {
    term = text && new RegExp(text, "i");
    at("search").removeAttribute("aria-invalid");
  } catch {
    at("search").setAttribute("aria-invalid", "true");
  }
  if (term) {
    chart.search(term);
  } else if (at("found").value) {
    chart.clear();
    at("found").value = "";
  }
}

let whole = 0;
const chart = d3flame.flamegraph()
  .inverted(true)
  .cellHeight(CELL_PX)
  .minFrameSize(LEAST_PX)
  .transitionDuration(0)
  .resetHeightOnZoom(true)
  .sort((one, other) => inOrder(one.data, other.data))
  .getName((node) => (node.data.line ? `${node.data.name}:${node.data.line}` : node.data.name))
  .setColorMapper(colour)
  .setLabelHandler(told)
  .setSearchMatch(matches)
  .setSearchHandler((_, found) => {
    at("found").value = `${scaled(found, chosen.unit)} found, ${share(found, whole)}`;
  })
  .setDetailsHandler((text) => {
    at("details").value = text || "";
  })
  .onClick((node) => {
    at("reset").disabled = !node.parent;
    settle();
  });

function inOrder(one, other) {
  return one.name.localeCompare(other.name) || one.line - other.line;
}

function settle() {
  // New frames would grow for a quarter of a second, which no option turns off.
  const wide = function () { return this.parentNode.getAttribute("width"); };
  d3flame.select("#chart").selectAll("rect").interrupt().attr("width", wide);
}

function width() {
  const style = getComputedStyle(at("chart"));
  return at("chart").clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
}

function draw() {
  const root = drawn();
  whole = root.value;
  at("chart").replaceChildren();
  at("reset").disabled = true;
  about();
  if (!whole) {
    at("found").value = "";
    at("chart").append(Object.assign(document.createElement("p"), { textContent: "Nothing to show here." }));
    return;
  }
  at("found").value = "";
  d3flame.select("#chart").datum(root).call(chart.width(width()));
  search();
  settle();
}

function about() {
  const kind = data.types[chosen.type][0];
  const all = sum(amounts(null));
  const part = chosen.label === null ? "" : ` of ${scaled(all, chosen.unit)} (${share(whole, all)})`;
  const time = data.time_ms ? [new Date(data.time_ms).toISOString().replace("T", " ").slice(0, 19) + " UTC"] : [];
  const duration = data.duration_ns ? [`over ${scaled(data.duration_ns, "nanoseconds")}`] : [];
  const first = [`${kind}: ${scaled(whole, chosen.unit)}${part}`, ...time, ...duration].join(" \u00b7 ");
  at("about").textContent = [first, ...data.comments].join("\n");
}

function option(value, text) {
  return Object.assign(document.createElement("option"), { value, textContent: text });
}

function listLabels() {
  // Offer every label with its share of what is shown now, grouped by key.
  const before = at("label").value;
  const sums = new Float64Array(data.labels.length);
  const { type, sign } = chosen;
  for (const [, labels, values] of data.samples) {
    for (const label of new Set(labels)) sums[label] += Math.max(0, sign * values[type]);
  }
  const all = sum(amounts(null));
  const groups = new Map();
  const order = [...data.labels.keys()].sort((one, other) => sums[other] - sums[one]);
  for (const label of order.slice(0, MOST_LABELS)) {
    const [key, value] = data.labels[label];
    if (!groups.has(key)) {
      groups.set(key, Object.assign(document.createElement("optgroup"), { label: key }));
    }
    groups.get(key).append(option(label, `${value} (${share(sums[label], all)})`));
  }
  at("label").replaceChildren(option("", "any"), ...groups.values());
  at("label").value = before;
  if (at("label").selectedIndex < 0) at("label").value = "";
  at("label-choice").hidden = !data.labels.length;
}

function redraw() {
  listLabels();
  draw();
}

data.types.forEach(([kind, unit], place) => {
  at("type").append(option(place, unit && unit !== "count" ? `${kind}, ${unit}` : kind));
});
at("type").value = data.first;
at("sign-choice").hidden = !data.samples.some(([, , values]) => values.some((value) => value < 0));
at("controls").addEventListener("submit", (event) => event.preventDefault());
for (const id of ["type", "sign"]) at(id).addEventListener("change", redraw);
for (const id of ["label", "lines"]) at(id).addEventListener("change", draw);
at("search").addEventListener("input", () => whole && search());
at("reset").addEventListener("click", () => whole && chart.resetZoom());
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && whole) chart.resetZoom();
});
let resized = 0;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => {
    if (!whole) return;
    chart.width(width()).update();
    settle();
  }, 100);
});
redraw();
