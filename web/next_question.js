// Asking before the last answer is there: part of the script of the bar, after chat.js, whose names it uses.

// Gradio drops a question that comes before it has finished with the last one, so it is sent again until it is taken,
// which empties the box, or until it is changed. What gradio is still busy with it drops again: nothing is asked twice.
const PATIENCE = 30; // tries in a row while no answer is on its way
const EVERY = 100; // milliseconds
let trying;

function giveUp() {
  clearInterval(trying);
  document.querySelector("#question")?.removeAttribute("data-next");
}

function insist() {
  giveUp();
  const text = box()?.value;
  let left = PATIENCE;
  trying = setInterval(() => {
    const busy = document.querySelector("#chat .stage");
    if (!text?.trim() || box()?.value !== text || (!busy && left-- === 0)) return giveUp();
    if (!busy) return document.querySelector("#question .submit-button")?.click();
    const field = document.querySelector("#question");
    if (!field.hasAttribute("data-next")) announce("This is asked as soon as the answer is there.");
    field.setAttribute("data-next", "");
  }, EVERY);
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target === box()) insist();
  },
  { capture: true, signal },
);
document.addEventListener("click", (event) => event.isTrusted && event.target.closest?.("#question .submit-button") && insist(), {
  capture: true,
  signal,
});
signal.addEventListener("abort", giveUp);
