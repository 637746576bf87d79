// The Evaluation tab's data sets: choosing, uploading and removing them, and what stands there before the first run.

let overview = { datasets: [], runs: [], limits: { upload_bytes: 0 } };
let job = { state: "idle", number: 0 };
let chosen = null; // id of the data set
let opened = null; // what is shown under the list: the id of a run, or "comparison"
const compared = new Set();

// ---- what is told ----

const status = make("p", { class: "fn-visually-hidden", role: "status", "aria-live": "polite" });
const notice = make("div", { class: "fn-notice", role: "alert", hidden: true });

function tell(message, look = "") {
  notice.className = `fn-notice ${look}`;
  notice.textContent = message;
  notice.hidden = !message;
}

const attempt = (work) => async (...given) => {
  tell("");
  try {
    await work(...given);
  } catch (error) {
    tell(error.message, "fn-poor");
  }
};

// ---- the data set ----

const setSelect = make("select", { class: "fn-select", id: "ev-set", onchange: () => choose(setSelect.value) });
const picker = make("input", {
  type: "file",
  class: "fn-visually-hidden",
  id: "ev-file",
  accept: ".json,.jsonl,.ndjson,.csv",
  "aria-label": "Question file",
  tabindex: "-1",
  onchange: () => {
    const [file] = picker.files;
    picker.value = "";
    if (file) sendFile(file);
  },
});
const setFacts = make("div", { class: "fn-stack" });
const setRow = make("div", { class: "fn-row ev-grow" });
const removeSet = button(
  "Remove",
  attempt(async () => {
    await request("DELETE", `/datasets/${chosen}`);
    await refresh();
    status.textContent = "Removed.";
    setSelect.focus();
  }),
  "fn-quiet fn-danger",
);
const drop = make(
  "div",
  {
    class: "fn-drop ev-drop",
    ondragover: (event) => {
      event.preventDefault();
      drop.classList.add("fn-over");
    },
    ondragleave: () => drop.classList.remove("fn-over"),
    ondrop: (event) => {
      event.preventDefault();
      drop.classList.remove("fn-over");
      if (event.dataTransfer.files.length) sendFile(event.dataTransfer.files[0]);
    },
  },
  button("Upload questions …", () => picker.click(), "fn-primary"),
  picker,
  make("p", { class: "fn-hint" }, "SQuAD JSON, JSON lines or CSV; or drop the file here"),
);

// What stands where the past runs will be, as long as there are none.
const trySample = attempt(async () => {
  const made = await request("POST", "/datasets/sample");
  chosen = made.id;
  await refresh();
  await begin();
});
const example = make(
  "details",
  { class: "ev-example" },
  make("summary", { class: "fn-hint" }, "What a question file looks like"),
  make("p", { class: "fn-hint" }, "The simplest is a CSV file. A document is named by its title or file name here; a question without an answer has an empty cell:"),
  make("pre", { tabindex: "0" }, "question,document,answer\nWho called for a ceasefire?,karabakh,Vladimir Putin\nWho won?,karabakh,"),
);
const emptyState = make(
  "section",
  { class: "fn-empty ev-empty", "aria-label": "No runs yet", hidden: true },
  make("h3", {}, "No runs yet"),
  make("p", {}, "A run asks every question of a data set, and shows how many answers are right with 95 % intervals, how refusing trades coverage for risk, and the worst questions beside their source."),
  make(
    "ol",
    { class: "ev-steps" },
    make("li", {}, make("strong", {}, "Get questions. "), "Upload a file, or judge answers in the chat with the thumbs: what you say becomes the data set “Collected feedback”."),
    make("li", {}, make("strong", {}, "Press Run. "), "It goes on in the background; the chat answers meanwhile."),
    make("li", {}, make("strong", {}, "Look, and compare. "), "Each run is kept here, and two can be held against each other."),
  ),
  button("Try it with 20 sample questions", trySample),
);

const sendFile = attempt(async (file) => {
  const most = overview.limits.upload_bytes; // 0 until it is known; the server looks too
  if (most && file.size > most) {
    throw new Error(`${file.name} has ${size(file.size)}; at most ${size(most)} are taken.`);
  }
  status.textContent = "Uploading.";
  const made = await request("POST", `/datasets?name=${encodeURIComponent(file.name || "questions.json")}`, file);
  chosen = made.id;
  await refresh();
  status.textContent = `Uploaded: ${count(made.questions, "question")}, ${count(made.faulty, "faulty row")}.`;
});

function choose(id) {
  chosen = id;
  const set = overview.datasets.find((one) => one.id === chosen);
  setFacts.replaceChildren();
  removeSet.hidden = !set || set.id === "feedback";
  if (set) {
    const told = [
      count(set.questions, "question"),
      `${set.unanswerable.toLocaleString("en")} without an answer`,
      count(set.contexts, "text"),
      set.size ? size(set.size) : "",
    ];
    setFacts.append(make("p", { class: "fn-hint" }, told.filter(Boolean).join(" · ")));
    if (set.id === "feedback") {
      setFacts.append(make("p", {}, make("a", { class: "fn-link", href: "/api/feedback/dataset", download: "feedback.json" }, "Download it as a SQuAD file")));
    }
    if (set.faulty) {
      const rest = set.faulty - set.faults.length;
      setFacts.append(
        make(
          "details",
          { class: "ev-faults", open: true },
          make("summary", {}, count(set.faulty, "faulty row")),
          make("ul", { class: "ev-list" }, ...set.faults.map((fault) => make("li", {}, foreign(fault))), rest > 0 && make("li", {}, `and ${rest} more`)),
        ),
      );
    }
  }
  skipRow.hidden = !set?.faulty;
  update();
}
