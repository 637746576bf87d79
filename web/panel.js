// The script of the source panel (gradio runs it once, when the panel is mounted, with `element`, `props` and `server`).
//
// A click on a citation anywhere in the page asks the server for the source with those words lit, puts it into the panel,
// scrolls the words a third down, moves the focus to them, and remembers where to go back to.

const CITATION = "a[href^='#cite/']";
const UNREACHABLE =
  '<div class="source-empty"><h2 class="source-title" tabindex="-1">The source could not be opened</h2>' +
  "<p>Footnote does not answer. Is it still running in its terminal?</p></div>";
const narrow = window.matchMedia("(max-width: 799px)");

window.footnotePanel?.abort(); // if the panel is mounted again, the listeners of the one before go
window.footnotePanel = new AbortController();
const listening = { capture: true, signal: window.footnotePanel.signal };

let latest = 0; // number of the last click; answers to earlier ones come too late
let current = null; // reference of the source on show
let opener = null; // citation in the chat that was opened last

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => resolve()));

const citations = (reference) =>
  [...document.querySelectorAll(CITATION)].filter((link) => link.getAttribute("href") === `#${reference}`);

function markCurrent() {
  for (const link of document.querySelectorAll(`${CITATION}[aria-current]`)) {
    if (link.getAttribute("href") !== `#${current}`) link.removeAttribute("aria-current");
  }
  for (const link of current ? citations(current) : []) {
    if (!link.hasAttribute("aria-current")) link.setAttribute("aria-current", "true");
  }
}

function reveal() {
  const lit = element.querySelector("mark");
  const scroll = element.querySelector(".source-scroll");
  if (narrow.matches) element.scrollIntoView({ block: "start" });
  if (lit && scroll) {
    const distance = lit.getBoundingClientRect().top - scroll.getBoundingClientRect().top;
    scroll.scrollTop += distance - scroll.clientHeight / 3;
  }
  (lit ?? element.querySelector(".source-title"))?.focus({ preventScroll: true });
}

// Puts a source into the panel, or what stands there before anything is clicked when `reference` is empty. Gives false
// when a later click got ahead of it.
async function show(reference) {
  const turn = ++latest;
  let html;
  try {
    html = await server.open_source(reference);
  } catch {
    html = UNREACHABLE;
  }
  if (turn !== latest) return false;
  props.value = typeof html === "string" ? html : UNREACHABLE;
  await nextFrame();
  await nextFrame();
  return turn === latest;
}

async function open(reference, link) {
  if (!(await show(reference))) return;
  current = reference;
  if (link?.closest("#chat")) opener = link;
  markCurrent();
  reveal();
}

function goBack() {
  const link = opener?.isConnected ? opener : citations(current).at(-1);
  link?.focus({ preventScroll: true });
  link?.scrollIntoView({ block: "center" });
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
    } else if (target?.closest(".source-back")) {
      goBack();
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
    } else if (event.key === "Escape" && opener && element.contains(target)) {
      goBack();
    }
  },
  listening,
);

window.addEventListener(
  "hashchange",
  () => location.hash.startsWith("#cite/") && open(location.hash.slice(1), null),
  listening,
);

// The chat is drawn anew while an answer comes in: links on show stay marked.
const watcher = new MutationObserver(markCurrent);
watcher.observe(document.body, { subtree: true, childList: true });
listening.signal.addEventListener("abort", () => watcher.disconnect());

// Documents came or went: what stands here before anything is clicked may be another thing now.
window.addEventListener("footnote:documents", () => current === null && show(""), listening);

if (location.hash.startsWith("#cite/")) open(location.hash.slice(1), null);
else show("");
