// Asking before the last answer is there: part of the script of the bar, after chat.js, whose names it uses.

// Gradio drops a question that comes before it has finished with the last one, so it is sent again until it is taken,
// which empties the box, or until it is changed. What gradio is still busy with it drops again: nothing is asked twice.
const PATIENCE = 30; // tries in a row while no answer is on its way
const EVERY = 100; // milliseconds
const NOTED = 8000; // milliseconds that a note stands under the question
let trying;
let noting;

function giveUp() {
  clearInterval(trying);
  document.querySelector("#question")?.removeAttribute("data-next");
}

// What has to be seen as well as heard: it stands under the question for a while.
function note(text) {
  announce(text);
  clearTimeout(noting);
  const field = document.querySelector("#question");
  field?.setAttribute("data-note", text);
  noting = setTimeout(() => field?.removeAttribute("data-note"), NOTED);
}

function unnote() {
  clearTimeout(noting);
  document.querySelector("#question")?.removeAttribute("data-note");
}

function insist() {
  giveUp();
  unnote();
  const text = box()?.value;
  let left = PATIENCE;
  trying = setInterval(() => {
    const busy = leaving || document.querySelector("#chat .stage");
    if (!text?.trim() || box()?.value !== text) return giveUp();
    if (!busy && left-- === 0) {
      giveUp();
      return note("Nothing has come of this yet. If nothing does, press Enter again.");
    }
    if (!busy) return document.querySelector("#question .submit-button")?.click();
    const field = document.querySelector("#question");
    if (!field.hasAttribute("data-next")) announce("This is asked as soon as the answer is there.");
    field.setAttribute("data-next", "");
  }, EVERY);
}

// Only the box is asked again. What else asks says so while it would be dropped.
function mayAsk() {
  if (!last("#chat .stage")) return true;
  note("Wait for the answer, or stop it.");
  return false;
}

// Keeps an event from gradio, which would ask, or drop, what is to be asked later.
function hold(event) {
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event) || event.target !== box()) return;
    insist();
    if (leaving) hold(event);
    else if (box().value.trim()) sent();
  },
  { capture: true, signal },
);
document.addEventListener(
  "click",
  (event) => {
    if (event.target.closest?.("#question .submit-button")) {
      if (event.isTrusted) insist();
      if (leaving) hold(event);
      else if (box()?.value.trim()) sent();
    } else if (event.target.closest?.("#examples .example")) {
      if (mayAsk()) sent();
      else hold(event);
    }
  },
  { capture: true, signal },
);
// What another panel wants asked.
window.addEventListener(
  "footnote:ask",
  ({ detail }) => {
    requestAnimationFrame(() => box()?.focus()); // once the tab is on show
    if (!mayAsk()) return;
    sent();
    trigger("submit", { question: detail });
  },
  { signal },
);
signal.addEventListener("abort", giveUp);
