// Feedback on the answers of the chat: two buttons beside each answer. The bar in which the right words are chosen stands in
// feedback_words.js.
//
// Every answer has a link that is not shown, #feedback/<id>; the buttons are put beside its others, and put back whenever
// gradio draws the chat anew. All text is set as text, never as HTML.

const MARK = "#chat a[href^='#feedback/']";
const UNREACHABLE = "Footnote does not answer. Is it still running in its terminal?";
const wanted = new Set(); // answers whose verdict is not known yet
const verdicts = new Map(); // what was said, by the id of the answer

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

async function call(path, body) {
  let response;
  try {
    response = await fetch(`/api/feedback${path}`, {
      method: body ? "POST" : "GET",
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch {
    throw new Error(UNREACHABLE);
  }
  const told = await response.json().catch(() => null);
  if (!response.ok) throw new Error(told?.error?.message ?? UNREACHABLE);
  return told;
}

// ---- the buttons ----

const status = make("div", { class: "feedback-status", role: "status", "aria-live": "polite" });
// Within gradio's page, so that the style sheets of the page hold for it.
const place = () => document.querySelector(".gradio-container") ?? document.body;
place().append(status);
let hiding;

function tell(message) {
  clearTimeout(hiding);
  status.textContent = message;
  hiding = setTimeout(() => (status.textContent = ""), 8000);
}

const ICONS = {
  right: "M7 11v9H3v-9h4Zm0 0 4-8a2 2 0 0 1 2 2v4h6a2 2 0 0 1 2 2.3l-1.2 7A2 2 0 0 1 17.800 20H7",
  wrong: "M17 13V4h4v9h-4Zm0 0-4 8a2 2 0 0 1-2-2v-4H5a2 2 0 0 1-2-2.300l1.200-7A2 2 0 0 1 6.200 4H17",
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function button(id, verdict, label) {
  const attributes = {
    type: "button",
    class: `fn-icon-button feedback-${verdict}`,
    title: label,
    "aria-label": label,
    "aria-pressed": "false",
    onclick: () => press(id, verdict),
  };
  return make("button", attributes, icon(verdict));
}

function dress(link) {
  const id = link.getAttribute("href").slice("#feedback/".length);
  const message = link.closest(".message-content") ?? link.closest(".message");
  if (!message?.parentElement) return;
  const actions = message.querySelector(".actions");
  let row = (actions ?? message.parentElement).querySelector(":scope > .feedback");
  if (row?.dataset.answer !== id) {
    row?.remove();
    row = make(
      "span",
      { class: "feedback", role: "group", "aria-label": "Is this answer right?", "data-answer": id },
      button(id, "right", "This answer is right"),
      button(id, "wrong", "This answer is wrong"),
    );
    if (actions) actions.append(row);
    else message.after(row);
    if (!verdicts.has(id)) wanted.add(id);
  }
  const said = verdicts.get(id);
  const pressed = { right: said === "right", wrong: ["wrong", "corrected", "no_answer"].includes(said) };
  for (const [verdict, is] of Object.entries(pressed)) {
    const one = row.querySelector(`.feedback-${verdict}`);
    if (one.getAttribute("aria-pressed") !== String(is)) one.setAttribute("aria-pressed", String(is));
  }
}

function dressAll() {
  document.querySelectorAll(MARK).forEach(dress);
  if (wanted.size) recall();
}

// What was said about answers of a conversation that is shown again.
async function recall() {
  const ids = [...wanted];
  wanted.clear();
  const told = await call("/verdicts", { answer_ids: ids.slice(-1000) }).catch(() => ({ verdicts: {} }));
  for (const [id, verdict] of Object.entries(told.verdicts)) if (!verdicts.has(id)) verdicts.set(id, verdict);
  if (Object.keys(told.verdicts).length) dressAll();
}

new MutationObserver(dressAll).observe(document.body, { subtree: true, childList: true });

async function give(id, verdict, selected = null) {
  const kept = await call("", { answer_id: id, verdict, ...(selected && { selected }) });
  if (verdict === "withdrawn") verdicts.delete(id);
  else verdicts.set(id, verdict);
  dressAll();
  return kept;
}

async function press(id, verdict) {
  try {
    const said = verdicts.get(id);
    if (verdict === "right") {
      if (correcting?.id === id) close();
      await give(id, said === "right" ? "withdrawn" : "right");
      tell(said === "right" ? "Taken back." : "Thank you. Kept as a question with this answer.");
    } else if (said === "wrong" && correcting?.id === id) {
      close();
    } else {
      if (!["wrong", "corrected", "no_answer"].includes(said)) await give(id, "wrong");
      await correct(id);
    }
  } catch (error) {
    tell(error.message);
  }
}
