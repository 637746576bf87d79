// Feedback on the answers of the chat: two buttons beside each answer, and a bar in which the right words are chosen.
//
// Every answer has a link that is not shown, #feedback/<id>; the buttons are put beside its others, and put back whenever
// gradio draws the chat anew. All text is set as text, never as HTML. Needs offsets.js before it.

const MARK = "#chat a[href^='#feedback/']";
const UNREACHABLE = "Footnote does not answer. Is it still running in its terminal?";
const wanted = new Set(); // answers whose verdict is not known yet
const verdicts = new Map(); // what was said, by the id of the answer
let correcting = null; // the answer whose right words are being chosen, as the server describes it
let chosen = null; // the span that is selected
let opening = false; // whether the panel is still about to show the article

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

// ---- the right words ----

const words = make("output", { class: "feedback-words", "aria-live": "polite" });
const problem = make("p", { class: "fn-notice fn-poor", role: "alert", hidden: true });
const asked = make("bdi");
const keep = make("button", { type: "button", class: "fn-button fn-primary", onclick: () => send("corrected") }, "Keep these words");
const none = make("button", { type: "button", class: "fn-button", onclick: () => send("no_answer") }, "There is no answer");
const undo = make("button", { type: "button", class: "fn-button fn-quiet", onclick: () => takeBack() }, "Take back");
const cancel = make("button", { type: "button", class: "fn-button fn-quiet", onclick: () => close() }, "Close");
const bar = make(
  "section",
  { class: "feedback-bar", "aria-labelledby": "feedback-title", hidden: true },
  make("h2", { class: "fn-subtitle", id: "feedback-title", tabindex: "-1" }, "What is the right answer?"),
  make("p", { class: "fn-hint" }, "Select the words in the article; by keyboard with the arrow keys and Shift, and Enter. The question: ", asked),
  words,
  problem,
  make("div", { class: "fn-row" }, keep, none, undo, cancel),
);
place().append(bar);

const pane = () => document.querySelector("#panel .source-text");

function show() {
  const text = chosen?.text.trim() ?? "";
  const shown = text.length > 300 ? `${text.slice(0, 150)} … ${text.slice(-140)}` : text;
  const empty = pane() ? "No words selected yet." : "Open an article as text to select words in it.";
  const told = text ? `“${shown}”` : empty;
  if (words.textContent !== told) words.textContent = told; // or else the observer below would never come to rest
  keep.disabled = !text;
}

// With a caret in it, the text can be selected by keyboard. Nothing can be changed: every change is refused.
function letSelect() {
  const text = pane();
  if (!text || opening || text.isContentEditable === Boolean(correcting)) return;
  if (correcting) {
    for (const [name, value] of Object.entries(EDITABLE)) text.setAttribute(name, value);
    text.addEventListener("beforeinput", refuse);
    text.addEventListener("drop", refuse);
  } else {
    for (const name of Object.keys(EDITABLE)) text.removeAttribute(name);
  }
}

const EDITABLE = {
  contenteditable: "true",
  inputmode: "none",
  spellcheck: "false",
  role: "textbox",
  "aria-multiline": "true",
  "aria-readonly": "true",
  "aria-label": "Text of the article: select the right words; Enter keeps them",
  tabindex: "0",
};
const refuse = (event) => event.preventDefault();

async function correct(id) {
  const answer = await call(`/answers/${id}`);
  correcting = { id, ...answer };
  chosen = null;
  asked.textContent = answer.question;
  problem.hidden = true;
  bar.hidden = false;
  document.body.classList.add("feedback-open");
  show();
  bar.querySelector("h2").focus();
  if (answer.document_id && answer.start !== null) await openSource(answer);
  if (correcting?.id !== id) return;
  letSelect();
  const text = pane();
  if (!text) return;
  text.focus({ preventScroll: true });
  document.getSelection().collapse(text.querySelector("mark") ?? text, 0);
}

// The panel draws the article anew, and a selection made before that would be lost; so this waits until it has.
async function openSource({ document_id, start, end }) {
  opening = true;
  history.replaceState(history.state, "", `#cite/${document_id}/${start}-${end}`);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
  const panel = document.querySelector("#panel");
  // Once it has, it scrolls to the words and takes the focus there.
  const ready = () => panel?.contains(document.activeElement);
  for (let waited = 0; waited < 40 && !ready(); waited += 1) await new Promise((go) => setTimeout(go, 50));
  opening = false;
}

function close() {
  const row = document.querySelector(`.feedback[data-answer='${correcting?.id}'] .feedback-wrong`);
  correcting = null;
  chosen = null;
  bar.hidden = true;
  document.body.classList.remove("feedback-open");
  letSelect();
  row?.focus();
}

async function send(verdict) {
  if (!correcting || (verdict === "corrected" && !chosen)) return;
  const selected =
    verdict === "corrected"
      ? { document_id: chosen.documentId, start: chosen.start, end: chosen.end, text: chosen.text }
      : null;
  try {
    const kept = await give(correcting.id, verdict, selected);
    close();
    tell(kept.words ? `Thank you. Kept as the right answer: “${kept.words}”` : "Thank you. Kept as a question without an answer.");
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

async function takeBack() {
  try {
    await give(correcting.id, "withdrawn");
    close();
    tell("Taken back.");
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

document.addEventListener("selectionchange", choose);

function choose() {
  const text = pane();
  const selection = document.getSelection();
  if (!correcting || !text || !selection.rangeCount) return;
  const range = selection.getRangeAt(0);
  // A click on a button of the bar moves the selection out of the text; what was chosen stays chosen.
  if (!range.intersectsNode(text) || (range.collapsed && !text.contains(range.startContainer))) return;
  chosen = selectedSpan(text, range);
  show();
}

// Capturing: before the page's other uses of Escape, which leave alone what was prevented.
document.addEventListener(
  "keydown",
  (event) => {
    if (!correcting) return;
    const inText = pane()?.contains(document.activeElement);
    const inPanel = document.querySelector("#panel")?.contains(document.activeElement);
    if (event.key === "Escape" && (inPanel || bar.contains(document.activeElement))) {
      event.preventDefault();
      close();
    }
    if (event.key !== "Enter" || !inText || event.isComposing) return;
    choose(); // the browser tells of a changed selection some time after the key that changed it
    if (chosen?.text.trim()) send("corrected");
  },
  { capture: true },
);

new MutationObserver(() => {
  if (!correcting) return;
  letSelect();
  if (chosen && chosen.documentId !== pane()?.dataset.document) chosen = null;
  show();
}).observe(document.body, { subtree: true, childList: true });
dressAll();
