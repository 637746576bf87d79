// Parts of the Evaluation tab (its scripts run as one, in the order in which ui.py names them).
//
// Names of files, questions, answers and titles come from anywhere: they become text nodes, and nothing here parses HTML.

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// One request to our own server; gives what it answers, or throws an error whose message is meant for people.
async function request(method, path, body) {
  const isFile = body instanceof Blob;
  let response;
  try {
    response = await fetch(`/api/evaluation${path}`, {
      method,
      body: body === undefined || isFile ? body : JSON.stringify(body),
      headers: body === undefined ? {} : { "Content-Type": isFile ? "application/octet-stream" : "application/json" },
    });
  } catch {
    throw new Error("Footnote does not answer. Is it still running in its terminal?");
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Error(answer?.error?.message ?? "Footnote gave no answer that can be read. Try again.");
  return answer;
}

const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

function duration(seconds) {
  if (seconds < 5) return "a few seconds";
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
  return `${(seconds / 3600).toFixed(1)} hours`;
}

const moment = (text) => new Date(text).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });

const MODES = { reading: "Reading", retrieval: "Ranking", answering: "Answering" };

// Names and units of the scores in the list of runs; the first that a run has is the one shown.
const MAIN_SCORES = [
  ["f1", "F1", 1, " %"],
  ["retrieval.mrr@10", "MRR@10", 100, " %"],
];

function mainScore(run) {
  for (const [key, name, scale, unit] of MAIN_SCORES) {
    if (!(key in run.main)) continue;
    const [value, low, high] = run.main[key];
    const interval = low === null ? "" : `${(low * scale).toFixed(1)} to ${(high * scale).toFixed(1)}`;
    return { name, value: `${(value * scale).toFixed(1)}${unit}`, interval };
  }
  return { name: "", value: "none", interval: "" };
}

// A plot from the numbers that the server made of it (qa/evaluation/plots.py).
function drawPlot(plot) {
  const picture = svg("svg", { viewBox: `0 0 ${plot.width} ${plot.height}`, role: "img", "aria-label": `${plot.title}: ${plot.summary}` });
  for (const tick of plot.x_ticks) {
    picture.append(svg("line", { class: "grid", x1: tick.at, x2: tick.at, y1: plot.top, y2: plot.bottom }));
    picture.append(svg("text", { class: "tick", x: tick.at, y: plot.bottom + 14, "text-anchor": "middle" }, tick.label));
  }
  for (const tick of plot.y_ticks) {
    picture.append(svg("line", { class: "grid", x1: plot.left, x2: plot.right, y1: tick.at, y2: tick.at }));
    picture.append(svg("text", { class: "tick", x: plot.left - 5, y: tick.at + 4, "text-anchor": "end" }, tick.label));
  }
  for (const bar of plot.bars) {
    const { x, y, width, height } = bar;
    picture.append(svg("rect", { class: bar.kind, x, y, width, height }, svg("title", {}, bar.title)));
  }
  for (const line of plot.lines) picture.append(svg("polyline", { class: line.kind, points: line.points }));
  for (const dot of plot.dots) picture.append(svg("circle", { class: "dot", cx: dot.x, cy: dot.y, r: 4 }, svg("title", {}, dot.title)));
  const middle = (plot.left + plot.right) / 2;
  picture.append(svg("text", { class: "axis", x: middle, y: plot.height - 4, "text-anchor": "middle" }, plot.x_label));
  const turned = { x: -(plot.top + plot.bottom) / 2, y: 11, "text-anchor": "middle", transform: "rotate(-90)" };
  picture.append(svg("text", { class: "axis", ...turned }, plot.y_label));
  const caption = make("figcaption", { class: "fn-hint" }, make("strong", {}, plot.title), ` ${plot.summary} ${plot.note}`);
  return make("figure", { class: "ev-plot" }, picture, caption);
}
