// The script of the documents panel (gradio runs it once, when its tab is first opened, with `element`): puts the parts together.

window.footnoteDocuments?.abort(); // if the panel is mounted again, the listeners of the one before go
window.footnoteDocuments = new AbortController();
const listening = { signal: window.footnoteDocuments.signal };
listening.signal.addEventListener("abort", () => channel.close());

const totals = make("span", { class: "fn-hint" });
const keeping = make("p", { class: "fn-hint", hidden: true }, "This index is on a server: uploaded files are read and not kept. Their text is in the index; pictures of PDF pages cannot be shown.");
const emptyState = make(
  "div",
  { class: "fn-empty", hidden: true },
  make("h3", {}, "No documents yet"),
  make("p", {}, "Add articles and ask them: every answer is quoted word for word. Or try the sample article, about clashes in the Caucasus."),
  make("div", { class: "fn-row" }, button("Choose files", () => picker.click(), "fn-primary"), button("Paste a text", openPaste), button("Add the sample article", addSample)),
);
const drop = make(
  "div",
  { class: "fn-drop library-drop" },
  make("p", {}, make("strong", {}, "Drop files here"), " or choose them"),
  make("p", { class: "fn-hint" }, "PDF, Word, EPUB, web pages, Markdown, plain text; a folder as a zip file. They stay on this computer."),
);

element.replaceChildren(
  make(
    "div",
    { class: "library fn-stack" },
    make("div", { class: "fn-spread" }, make("div", { class: "fn-row" }, make("h2", { class: "fn-title" }, "Documents"), totals), make("div", { class: "fn-toolbar library-tools" }, button("Add files", () => picker.click(), "fn-primary"), button("Paste a text", openPaste), picker)),
    speaker,
    problem,
    pasteForm,
    drop,
    keeping,
    jobsArea,
    undoArea,
    emptyState,
    listArea,
  ),
);

// ---- wiring ----

documentsChanged = refresh;
channel.addEventListener("message", refresh);

for (const name of ["dragenter", "dragover"]) {
  element.addEventListener(name, (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    drop.classList.add("fn-over");
  }, listening);
}
element.addEventListener("dragleave", (event) => {
  if (!element.contains(event.relatedTarget)) drop.classList.remove("fn-over");
}, listening);
element.addEventListener("drop", (event) => {
  event.preventDefault();
  event.stopPropagation();
  drop.classList.remove("fn-over");
  addFiles(droppedFiles(event.dataTransfer));
}, listening);

// The source panel opens the document of a link to it; the tab it is in has to be on show for that. Its own listener is on
// the document and ends the event there, so this one is on the window, where it comes first.
window.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (element.contains(target) && target.closest("a[href^='#cite/']")) openTab("Ask");
}, { ...listening, capture: true });

// Files that were dropped, or a job that was begun, elsewhere on the page.
window.addEventListener("footnote:add-files", takeWaiting, listening);
window.addEventListener("footnote:jobs", () => watch(), listening);
function takeWaiting() {
  const files = window.footnoteWaitingFiles ?? [];
  window.footnoteWaitingFiles = [];
  if (files.length) addFiles(files);
}

(async () => {
  const { jobs } = await request("GET", "/jobs").catch(() => ({ jobs: [] }));
  for (const job of jobs) {
    if (["done", "cancelled", "failed"].includes(job.state) && job.id !== window.footnoteLatestJob) passedOver.add(job.id);
  }
  await refresh();
  await watch();
  takeWaiting();
})();
