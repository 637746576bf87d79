// The line above the question that says which documents are asked (gradio runs this once, with `element`), and what leads
// from anywhere on the page to the documents panel: buttons with `data-library`, and files dropped beside it.

window.footnoteSelection?.abort();
window.footnoteSelection = new AbortController();
const listening = { signal: window.footnoteSelection.signal };
const channel = new BroadcastChannel("footnote-library");
listening.signal.addEventListener("abort", () => channel.close());

const line = document.createElement("p");
line.className = "asking-line";
line.hidden = true;
const words = document.createElement("span");
words.setAttribute("role", "status");
const title = document.createElement("bdi");
const choose = makeButton("Choose documents", () => openDocuments());
const all = makeButton("Ask all", askAll);
const dot = document.createElement("span");
dot.setAttribute("aria-hidden", "true");
dot.textContent = " · ";
line.append(words, dot, all, choose);
element.replaceChildren(line);

function makeButton(label, onclick) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "asking-button";
  button.textContent = label;
  button.addEventListener("click", onclick);
  return button;
}

function openDocuments() {
  const tab = [...document.querySelectorAll("#tabs [role='tab']")].find((tab) => tab.textContent.trim() === "Documents");
  tab?.click();
  tab?.focus();
}

async function call(method, path, body) {
  const response = await fetch(`/api/library${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

function show(choice) {
  const count = choice.documents.length;
  line.hidden = choice.total === 0 || (choice.total === 1 && count === 0);
  all.hidden = count === 0;
  const number = (value) => value.toLocaleString("en-GB");
  const documents = `${number(choice.total)} ${choice.total === 1 ? "document" : "documents"}`;
  words.replaceChildren(count ? `Asking ${number(count)} of ${documents}` : `Asking all ${documents}`);
  if (choice.title !== null) {
    title.textContent = choice.title;
    words.append(": ", title);
  }
}

const refresh = () => call("GET", "/selection").then(show, () => {}); // the chat itself says when the server is gone

async function askAll() {
  await call("PUT", "/selection", { documents: [] }).then(show, refresh);
  channel.postMessage("changed");
  choose.focus();
}

// What another window says is told to all panels of this one.
channel.addEventListener("message", () => window.dispatchEvent(new Event("footnote:documents")));
window.addEventListener("footnote:documents", refresh, listening);
window.addEventListener("focus", refresh, listening);

document.addEventListener("click", async (event) => {
  const wish = event.target instanceof Element ? event.target.closest("[data-library]")?.dataset.library : null;
  if (!wish) return;
  if (wish === "sample") {
    const job = await call("POST", "/sample").catch(() => null); // the panel says what is wrong when it is tried there
    window.footnoteLatestJob = job?.id;
  }
  openDocuments();
  window.dispatchEvent(new Event("footnote:jobs"));
}, listening);

// A file dropped beside the documents panel would otherwise replace the page.
window.addEventListener("dragover", (event) => {
  if ([...(event.dataTransfer?.types ?? [])].includes("Files")) event.preventDefault();
}, listening);
window.addEventListener("drop", (event) => {
  if (event.defaultPrevented || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  window.footnoteWaitingFiles = [...event.dataTransfer.files];
  openDocuments();
  window.dispatchEvent(new Event("footnote:add-files"));
}, listening);

refresh();
