// Adding: files, pasted texts and the sample article, and how far each job is.

let limits = null; // what an upload may bring; known once the list is there
const seen = new Map(); // id of a job -> its card
const passedOver = new Set(); // jobs that had ended before this page was opened
let announced = new Map(); // id of a job -> the last quarter that was announced
let watching = false;
let askedAgain = false; // a job began while the answer about those before was still on its way
let documentsChanged = () => {}; // set by documents.js: load the list again

const picker = make("input", { type: "file", multiple: true, class: "fn-visually-hidden", tabindex: "-1", "aria-label": "Files to add", id: "library-files" });
const jobsArea = make("div", { class: "fn-stack library-jobs" });
const problem = make("div", { class: "library-problem" });

function complain(words) {
  problem.replaceChildren();
  if (!words) return;
  problem.append(
    make("div", { class: "fn-notice fn-poor fn-spread", role: "alert" }, make("span", {}, words), button("Dismiss", () => complain(""), "fn-quiet")),
  );
}

// ---- files ----

async function addFiles(files) {
  complain("");
  if (files.length === 0) return;
  const stop = new AbortController();
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const bar = make("progress", { class: "fn-progress", max: "1", value: "0", "aria-label": "Copying files" });
  const line = make("p", { class: "fn-hint" }, "Copying …");
  const card = make(
    "section",
    { class: "fn-card fn-stack library-job", "aria-label": "Files being copied" },
    make("div", { class: "fn-spread" }, make("strong", {}, files.length === 1 ? foreign(files[0].name) : counted(files.length, "file")), button("Cancel", () => stop.abort(), "", { "aria-label": "Cancel copying" })),
    bar,
    line,
  );
  jobsArea.prepend(card);
  let upload = null;
  try {
    upload = await request("POST", "/uploads", { files: files.map((file) => ({ name: file.name, size: file.size })) }, stop.signal);
    let done = 0;
    for (const [number, file] of files.entries()) {
      line.replaceChildren(`Copying ${number + 1} of ${files.length}: `, foreign(upload.names[number]));
      await request("PUT", `/uploads/${upload.id}/${number}`, file, stop.signal);
      done += file.size;
      bar.value = total ? done / total : 1;
    }
    const job = await finish(upload.id);
    if (job) await watch();
  } catch (error) {
    if (upload) request("DELETE", `/uploads/${upload.id}`).catch(() => {});
    if (error.name !== "AbortError") complain(error.message);
    else say("Cancelled.");
  } finally {
    card.remove();
  }
}

async function finish(id) {
  try {
    return await request("POST", `/uploads/${id}/finish`, { on_conflict: "ask" });
  } catch (error) {
    if (error.code !== "names_taken") throw error;
    const [words, ...names] = error.message.split("\n");
    const answer = await choose("A name is taken", words, names, [
      ["", "Cancel", "fn-quiet"],
      ["keep_both", "Keep both", ""],
      ["replace", "Replace", "fn-primary"],
    ]);
    if (answer) return request("POST", `/uploads/${id}/finish`, { on_conflict: answer });
    await request("DELETE", `/uploads/${id}`);
    return null;
  }
}

// What is dropped can be a folder, whose files a browser hands out one by one only on request.
function droppedFiles(transfer) {
  const folders = [...transfer.items].filter((item) => item.webkitGetAsEntry?.()?.isDirectory);
  if (folders.length > 0) {
    complain("A folder cannot be added as it is. Put it into a zip file, then add that.");
    return [];
  }
  return [...transfer.files];
}

picker.addEventListener("change", () => {
  const files = [...picker.files];
  picker.value = "";
  addFiles(files);
});

// ---- pasted text ----

const titleField = make("input", { class: "fn-input", id: "library-title", maxlength: "200", autocomplete: "off" });
const textField = make("textarea", { class: "fn-input", id: "library-text", rows: "8", required: true, "aria-describedby": "library-text-hint" });
const pasteForm = make(
  "form",
  { class: "fn-card fn-stack library-paste", hidden: true, "aria-label": "Paste a text", onsubmit: addText },
  make("div", { class: "fn-field" }, make("label", { class: "fn-label", for: "library-title" }, "Title (may be left out)"), titleField),
  make("div", { class: "fn-field" }, make("label", { class: "fn-label", for: "library-text" }, "Text"), textField),
  make("p", { class: "fn-hint", id: "library-text-hint" }, "It becomes a document of its own. Answers quote it word for word."),
  make("div", { class: "fn-row" }, make("button", { class: "fn-button fn-primary" }, "Add this text"), button("Cancel", closePaste, "fn-quiet")),
);

let pasteOpener = null;
function openPaste(event) {
  pasteOpener = event?.currentTarget ?? null;
  pasteForm.hidden = false;
  titleField.focus();
}

function closePaste() {
  pasteForm.hidden = true;
  if (pasteOpener?.isConnected) pasteOpener.focus();
}

pasteForm.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closePaste();
});

async function addText(event) {
  event.preventDefault();
  complain("");
  try {
    await request("POST", "/texts", { title: titleField.value, text: textField.value });
    titleField.value = "";
    textField.value = "";
    closePaste();
    await watch();
  } catch (error) {
    complain(error.message); // what was typed stays
  }
}

async function addSample() {
  complain("");
  try {
    await request("POST", "/sample");
    await watch();
  } catch (error) {
    complain(error.message);
  }
}

// ---- jobs ----

const STATES = {
  queued: ["Waiting", ""],
  running: ["Adding", ""],
  done: ["Done", "fn-good"],
  cancelled: ["Cancelled", "fn-fair"],
  failed: ["Failed", "fn-poor"],
};
const KINDS = { new: ["new", "fn-good"], changed: ["changed", "fn-good"], unchanged: ["unchanged", ""], failed: ["failed", "fn-poor"] };

// Asks the server how far it is until nothing runs any more. What comes in meanwhile is asked for once more: the list that is
// on its way may have been made before it.
async function watch() {
  if (watching) {
    askedAgain = true;
    return;
  }
  watching = true;
  try {
    for (let active = true; active; ) {
      askedAgain = false;
      const { jobs } = await request("GET", "/jobs");
      active = showJobs(jobs) || askedAgain;
      if (active) await new Promise((resolve) => setTimeout(resolve, document.hidden ? 2000 : 500));
    }
  } catch (error) {
    complain(error.message);
  } finally {
    watching = false;
  }
}

function showJobs(jobs) {
  let active = false;
  for (const job of jobs) {
    const ended = ["done", "cancelled", "failed"].includes(job.state);
    if (passedOver.has(job.id)) continue;
    active ||= !ended;
    let card = seen.get(job.id);
    if (!card) {
      card = makeCard(job);
      seen.set(job.id, card);
      jobsArea.prepend(card.node);
    }
    if (card.state === job.state && ended) continue;
    updateCard(card, job, ended);
  }
  return active;
}

function makeCard(job) {
  const card = { state: null, settled: 0 };
  card.badge = make("span", { class: "fn-badge" });
  card.bar = make("progress", { class: "fn-progress", max: "1", value: "0", "aria-label": "How much is added" });
  card.line = make("p", { class: "fn-hint library-progress" });
  card.doing = make("p", { class: "fn-hint library-doing" });
  card.results = make("ul", { class: "library-results" });
  card.summary = make("summary", {}, "Results");
  card.details = make("details", { hidden: true }, card.summary, card.results);
  card.notes = make("div", { class: "fn-hint" });
  card.more = make("div", { class: "fn-row" });
  card.stop = button("Cancel", () => stopJob(job.id, card), "", { "aria-label": `Cancel adding ${job.title}` });
  card.node = make(
    "section",
    { class: "fn-card fn-stack library-job", "aria-label": "Adding documents" },
    make("div", { class: "fn-spread" }, make("span", { class: "fn-row library-job-name" }, make("strong", {}, foreign(job.title)), card.badge), card.stop),
    card.bar,
    card.line,
    card.doing,
    card.details,
    card.notes,
    card.more,
  );
  return card;
}

async function stopJob(id, card) {
  card.stop.disabled = true;
  try {
    await request("DELETE", `/jobs/${id}`);
  } catch (error) {
    if (error.code !== "unknown_job") complain(error.message);
  }
  if (["done", "cancelled", "failed"].includes(card.state)) {
    const next = card.node.nextElementSibling?.querySelector("button") ?? element.querySelector(".library-tools button");
    card.node.remove();
    next?.focus();
  } else {
    watch();
  }
}

function updateCard(card, job, ended) {
  const allFailed = job.failed > 0 && job.failed === job.documents_done;
  const failures = allFailed ? ["Failed", "fn-poor"] : ["Done, some failed", "fn-fair"];
  const [label, look] = job.stopping ? ["Stopping", ""] : job.state === "done" && job.failed ? failures : STATES[job.state];
  card.badge.textContent = label;
  card.badge.className = `fn-badge ${look}`;
  card.bar.hidden = ended;
  card.bar.value = job.share;
  const told = [`${job.documents_done} of ${counted(job.documents_total, "document")}`];
  if (job.passages) told.push(counted(job.passages, "passage"));
  if (job.passages_per_second) told.push(`${job.passages_per_second.toFixed(job.passages_per_second < 10 ? 1 : 0)} passages a second`);
  if (job.seconds_left !== null && !ended && !job.stopping) told.push(lasting(job.seconds_left));
  card.line.textContent = ended ? summed(job) : job.state === "queued" ? "Waits until the one before is done." : told.join(" · ");
  card.doing.replaceChildren();
  if (job.state === "running") card.doing.append(foreign(job.doing));
  if (job.state === "failed") card.doing.append(make("span", { class: "fn-notice fn-poor" }, foreign(job.doing)));
  card.doing.hidden = !card.doing.hasChildNodes();
  if (job.results.length !== card.settled) {
    card.settled = job.results.length;
    card.summary.textContent = `Results (${job.documents_done.toLocaleString("en-GB")})`;
    card.results.replaceChildren(...job.results.map(resultRow));
    card.details.hidden = job.results.length === 0;
    if (job.failed > 0 || job.results.some((result) => result.message)) card.details.open = true;
    documentsChanged();
  }
  card.notes.replaceChildren(...job.notes.map((note) => make("p", {}, foreign(note))));
  if (!ended) announce(job);
  if (ended && card.state !== job.state) {
    card.stop.disabled = false;
    card.stop.textContent = "Dismiss";
    card.stop.setAttribute("aria-label", `Dismiss the results of ${job.title}`);
    if (job.sample && job.state === "done") offerQuestions(card);
    say(`${job.title}: ${label}. ${summed(job)}`);
    documentsChanged();
    tellOthers();
  }
  card.state = job.state;
}

function summed(job) {
  const parts = ["new", "changed", "unchanged", "failed"].filter((kind) => job[kind]).map((kind) => `${job[kind].toLocaleString("en-GB")} ${kind}`);
  if (job.state === "cancelled") parts.push("the rest was not added");
  const rate = job.passages_per_second ? ` · ${counted(job.passages, "passage")} in ${Math.max(Math.round(job.seconds), 1)} s` : "";
  return (parts.join(", ") || "Nothing was added") + rate;
}

function resultRow(result) {
  const [label, look] = KINDS[result.kind];
  const name = result.document_id ? make("a", { href: `#cite/${result.document_id}`, class: "fn-link" }, foreign(result.source)) : foreign(result.source);
  return make("li", {}, make("span", { class: `fn-badge ${look}` }, label), " ", name, result.message && make("p", { class: "fn-hint" }, foreign(result.message)));
}

// A screen reader is told at each quarter, not at each step.
function announce(job) {
  const quarter = job.state === "queued" ? -1 : Math.floor(job.share * 4);
  if (announced.get(job.id) === quarter) return;
  announced.set(job.id, quarter);
  if (quarter < 0) say(`${job.title} waits until the one before is done.`);
  else say(`Adding ${job.title}: ${Math.round(job.share * 100)} per cent${job.seconds_left === null ? "" : `, ${lasting(job.seconds_left)}`}.`);
}

async function offerQuestions(card) {
  const questions = await request("GET", "/sample/questions").catch(() => []);
  card.more.append(make("span", { class: "fn-hint" }, "Try asking:"), ...questions.map((question) => button(question, () => askInChat(question))));
}

// Asked as an example is (next_question.js): what is half typed in the box stays there.
function askInChat(question) {
  openTab("Ask");
  window.dispatchEvent(new CustomEvent("footnote:ask", { detail: question }));
}
