// The script of the source panel (gradio runs it once, when the panel is mounted, with `element`, `props` and `server`).
//
// A click on a citation anywhere in the page asks the server for the source with those words lit, puts it into the panel,
// scrolls the words a third down, moves the focus to them, and remembers where to go back to.

const CITATION = "a[href^='#cite/']";
const ALL = "cite/"; // reference of the list of all articles (references.py)
const UNREACHABLE =
  '<div class="source-empty"><h2 class="source-title" tabindex="-1">The source could not be opened</h2>' +
  "<p>Footnote does not answer. Is it still running in its terminal?</p></div>";
const LOGGED_OUT =
  '<div class="source-empty"><h2 class="source-title" tabindex="-1">You are logged out</h2>' +
  '<p><button type="button" class="fn-button source-login">Log in again</button></p></div>';
const narrow = window.matchMedia("(max-width: 799px)");

window.footnotePanel?.abort(); // if the panel is mounted again, the listeners of the one before go
window.footnotePanel = new AbortController();
const listening = { capture: true, signal: window.footnotePanel.signal };

let latest = 0; // number of the last click; answers to earlier ones come too late
let front = 0; // number of the last one that shows the list of articles, or what stands in its place
let current = null; // reference of the source on show
let opener = null; // citation in the chat that was opened last

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => resolve()));

const citations = (reference) =>
  [...document.querySelectorAll(CITATION)].filter((link) => link.getAttribute("href") === `#${reference}`);

// The citation that was opened last, or the same one in an answer that was drawn anew since.
function whence() {
  if (opener?.isConnected) return opener;
  const same = citations(current);
  return same.findLast((link) => link.closest("#chat")) ?? same.at(-1);
}

function markCurrent() {
  for (const link of document.querySelectorAll(`${CITATION}[aria-current]`)) {
    if (link.getAttribute("href") !== `#${current}`) link.removeAttribute("aria-current");
  }
  for (const link of current ? citations(current) : []) {
    if (!link.hasAttribute("aria-current")) link.setAttribute("aria-current", "true");
  }
}

// ---- the places of one answer, one after another ----

// The citations that belong together with `link`: those of its answer, or of the other candidates, each place once.
function places(link) {
  const reply = link?.closest("#chat .reply");
  if (!reply) return [];
  const others = link.closest("details.others");
  const links = [...reply.querySelectorAll("a.cite")].filter((one) => one.closest("details.others") === others);
  return links.filter((one, at) => links.findIndex((other) => other.hash === one.hash) === at);
}

function step(by) {
  const all = places(whence());
  const at = all.findIndex((one) => one.hash === `#${current}`);
  const next = all[(at + by + all.length) % all.length];
  if (!next) return;
  history.replaceState(history.state, "", next.hash);
  open(next.hash.slice(1), next);
}

function showSteps() {
  const steps = element.querySelector(".source-steps");
  const all = places(whence());
  const at = all.findIndex((one) => one.hash === `#${current}`);
  if (!steps || at < 0 || all.length < 2) return;
  steps.hidden = false;
  steps.querySelector(".step-count").textContent = `${at + 1} of ${all.length}`;
}

// ---- page or text of a PDF ----

let wantsText = false;
function showText(text) {
  const pages = element.querySelector(".source-pages");
  if (!pages) return;
  pages.hidden = text;
  element.querySelector(".source-words").hidden = !text;
  element.querySelector(".show-page").setAttribute("aria-pressed", String(!text));
  element.querySelector(".show-text").setAttribute("aria-pressed", String(text));
}

const COPIES = "Copy the address of these words";
async function copyLink(button) {
  const address = `${location.origin}${location.pathname}#${current}`;
  try {
    await window.footnoteCopy(address);
    button.textContent = "Link copied";
    button.title = COPIES;
  } catch (error) {
    button.textContent = "Not copied";
    button.title = error.message;
  }
  setTimeout(() => (button.textContent = "Copy link"), 2000);
}

// A page that cannot be drawn after all: its text is shown instead, and why is said.
async function pageFailed(image) {
  let why = "The page cannot be shown.";
  try {
    why = (await (await fetch(image.src)).json()).error?.message ?? why;
  } catch {
    /* nothing more is known */
  }
  if (!image.isConnected) return;
  const notice = document.createElement("p");
  notice.className = "fn-notice";
  notice.textContent = `${why} Its words are under Text.`;
  image.closest(".pdf-sheet").replaceWith(notice);
}

// Whether the right words of an answer are being chosen (feedback_words.js): only in a text can they be selected.
const isCorrecting = () => document.body.classList.contains("feedback-open");

function reveal() {
  showText(wantsText || isCorrecting());
  showSteps();
  const scroll = element.querySelector(".source-scroll:not([hidden])");
  const lit = scroll?.querySelector("mark, .pdf-box");
  if (narrow.matches) element.scrollIntoView({ block: "start" });
  if (lit) {
    const distance = lit.getBoundingClientRect().top - scroll.getBoundingClientRect().top;
    scroll.scrollTop += distance - scroll.clientHeight / 3;
    const { left, right } = lit.getBoundingClientRect();
    const pane = scroll.getBoundingClientRect();
    if (right > pane.right || left < pane.left) scroll.scrollLeft += left - pane.left - 24; // a page wider than the panel
  }
  (scroll?.querySelector("mark") ?? (lit ? scroll : element.querySelector(".source-title")))?.focus({ preventScroll: true });
}

// What to show when no source came: the server is gone, or the session has ended.
async function whyNot() {
  const status = await fetch("/api/info").then((response) => response.status, () => 0);
  return status === 401 ? LOGGED_OUT : UNREACHABLE;
}

// Puts a source into the panel, or what stands there before anything is clicked when `reference` is empty. Gives false
// when a later click got ahead of it.
async function show(reference) {
  const turn = ++latest;
  let html;
  try {
    html = await server.open_source(reference);
  } catch {
    html = null;
  }
  if (typeof html !== "string") html = await whyNot();
  if (turn !== latest) return false;
  props.value = html;
  await nextFrame();
  await nextFrame();
  return turn === latest;
}

// The reference as citations on show have it: one that was made elsewhere may lack the digest of the words at its end.
function asCited(reference) {
  const hrefs = [...document.querySelectorAll(CITATION)].map((link) => link.getAttribute("href").slice(1));
  return hrefs.find((href) => href.replace(/(\/\d+-\d+)\/[0-9a-f]{8}$/, "$1") === reference) ?? reference;
}

async function open(reference, link) {
  if (!(await show(reference))) return;
  current = asCited(reference);
  if (reference === ALL) front = latest;
  if (link?.closest("#chat")) opener = link;
  markCurrent();
  reveal();
}

// To the citation; without one on show, as after a link from elsewhere, to where the next question is asked.
function goBack() {
  const place = whence() ?? document.querySelector("#question textarea");
  place?.focus({ preventScroll: true });
  place?.scrollIntoView({ block: "center" });
}

document.addEventListener(
  "click",
  (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : null;
    const link = target?.closest(CITATION);
    if (link) {
      event.preventDefault();
      event.stopPropagation();
      const reference = link.getAttribute("href").slice(1);
      history.replaceState(history.state, "", `#${reference}`);
      open(reference, link);
    } else if (target?.closest("#panel .source-back")) {
      goBack();
    } else if (target?.closest("#panel .step-next")) {
      step(1);
    } else if (target?.closest("#panel .step-previous")) {
      step(-1);
    } else if (target?.closest("#panel .source-link")) {
      copyLink(target.closest(".source-link"));
    } else if (target?.closest("#panel .source-login")) {
      location.reload(); // the address names the source, which is shown after the login
    } else if (target?.closest("#panel .source-switch button")) {
      wantsText = target.closest("button").matches(".show-text");
      reveal();
    }
  },
  listening,
);

document.addEventListener(
  "keydown",
  (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (event.key === " " && target?.matches(CITATION)) {
      event.preventDefault();
      target.click();
    } else if (event.key === "Escape" && opener && element.contains(target) && !isCorrecting() && !event.defaultPrevented) {
      event.preventDefault(); // or else the answer under way would be stopped too (chat.js)
      goBack();
    }
  },
  listening,
);

element.addEventListener("error", (event) => event.target.matches?.(".pdf-sheet img") && pageFailed(event.target), listening);

window.addEventListener(
  "hashchange",
  () => location.hash.startsWith("#cite/") && open(location.hash.slice(1), null),
  listening,
);

// The chat is drawn anew while an answer comes in: links on show stay marked.
const watcher = new MutationObserver(markCurrent);
watcher.observe(document.body, { subtree: true, childList: true });
listening.signal.addEventListener("abort", () => watcher.disconnect());

// The list of articles, and what stands here before anything is clicked, is another thing once documents came or went; a
// click is never overtaken by it. The focus is left where it is, unless it was in what is drawn anew.
async function showFront() {
  const inside = element.contains(document.activeElement);
  const showing = show("");
  front = latest;
  if ((await showing) && inside) element.querySelector(".source-title")?.focus({ preventScroll: true });
}
window.addEventListener("footnote:documents", () => latest === front && showFront(), listening);

if (location.hash.startsWith("#cite/")) open(location.hash.slice(1), null);
else showFront();
