// The bar in which the right words of an answer are chosen: part of the script of the header, after feedback.js, whose names it
// uses, and offsets.js. All text is set as text, never as HTML.

let correcting = null; // the answer whose right words are being chosen, as the server describes it
let chosen = null; // the span that is selected
let opening = false; // whether the panel is still about to show the article
let missed = null; // runs out when the answer has been gone for a while
const DRAWN = 300; // milliseconds in which gradio has drawn the chat anew

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

// Over the other tabs the bar does not stand.
const onShow = new ResizeObserver(([{ target }]) => (bar.hidden = target.offsetParent === null));

// Closes the bar when its answer has gone, with its conversation or with what was changed before it.
function watchAnswer() {
  const there = () => document.querySelector(`#chat a[href="#feedback/${correcting.id}"]`);
  if (missed || there()) return;
  missed = setTimeout(() => {
    missed = null;
    if (correcting && !there()) close();
  }, DRAWN);
}

async function correct(id) {
  const answer = await call(`/answers/${id}`);
  correcting = { id, ...answer };
  chosen = null;
  asked.textContent = answer.question;
  problem.hidden = true;
  bar.hidden = false;
  const panes = document.querySelector("#panes");
  if (panes) onShow.observe(panes);
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
  onShow.disconnect();
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
    if (event.key !== "Enter" || !inText || event.isComposing || event.keyCode === 229) return; // see isComposing in chat.js
    choose(); // the browser tells of a changed selection some time after the key that changed it
    if (chosen?.text.trim()) send("corrected");
  },
  { capture: true },
);

new MutationObserver(() => {
  if (!correcting) return;
  watchAnswer();
  letSelect();
  if (chosen && chosen.documentId !== pane()?.dataset.document) chosen = null;
  show();
}).observe(document.body, { subtree: true, childList: true });
dressAll(); // the buttons, which open the bar
