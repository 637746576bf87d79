// The Evaluation tab (gradio runs this once, when the tab is first opened, with `element`): how to run, the run under way,
// and the list of past runs. Data sets stand in evaluation_sets.js, results are drawn by evaluation_results.js.

const SOON = 600; // milliseconds between two looks at a run under way
const LATER = 6000; // and at what another window may have started

// ---- how to run ----

const check = (id, words) => {
  const box = make("input", { type: "checkbox", id, onchange: () => update() });
  return [box, make("label", { class: "fn-check" }, box, words)];
};
const [skip, skipLabel] = check("ev-skip", "Leave faulty rows out");
const skipRow = make("div", { hidden: true }, skipLabel);
const [answerAll, answerAllLabel] = check("ev-all", "Never refuse");
const modes = [
  ["reading", "Reading", "each question is asked of its own text"],
  ["answering", "Answering", "the whole way: find passages, read them, answer or refuse"],
  ["retrieval", "Ranking", "only whether the right passages are found"],
].map(([value, name, meaning]) => {
  const radio = make("input", { type: "radio", name: "ev-mode", value, checked: value === "reading", onchange: () => update() });
  return make("label", { class: "fn-check" }, radio, make("span", {}, name, make("span", { class: "fn-hint" }, ` ${meaning}`)));
});
const over = make(
  "select",
  { class: "fn-select", id: "ev-over" },
  make("option", { value: "own" }, "the texts of the data set"),
  make("option", { value: "index" }, "the articles of this index"),
);
const limit = make("input", { class: "fn-input ev-limit", id: "ev-limit", type: "number", min: "1", step: "1", placeholder: "all" });
const start = button("Run", () => begin(), "fn-primary", { disabled: true });
const mode = () => element.querySelector("input[name='ev-mode']:checked").value;

function update() {
  const set = overview.datasets.find((one) => one.id === chosen);
  const running = job.state === "running";
  over.disabled = mode() === "reading";
  answerAll.disabled = mode() === "retrieval";
  start.disabled = running || !set || (set.faulty > 0 && !skip.checked);
}

const begin = attempt(async () => {
  const asked = limit.value.trim();
  const faulty = limit.validity.badInput; // what is no number at all, the browser gives as nothing
  if (faulty || (asked && !(Number.isInteger(Number(asked)) && Number(asked) >= 1))) throw new Error("How many questions: a whole number from 1, or nothing for all.");
  job = await request("POST", "/job", {
    dataset: chosen,
    mode: mode(),
    over: mode() === "reading" ? "own" : over.value,
    answer_all: mode() !== "retrieval" && answerAll.checked,
    limit: asked ? Number(asked) : null,
    skip_faulty: skip.checked,
  });
  drawJob();
  cancel.focus();
  look(SOON);
});

// ---- the run under way ----

const progressWords = make("p", { class: "ev-progress-words" });
const bar = make("progress", { class: "fn-progress", "aria-label": "Evaluation" });
const cancel = button("Cancel", attempt(async () => {
  job = await request("DELETE", "/job");
  drawJob();
}));
const jobBox = make("div", { class: "fn-card fn-stack", hidden: true }, make("div", { class: "fn-spread" }, progressWords, cancel), bar);
let stage = "";
let timer = null;

function drawJob() {
  const running = job.state === "running";
  jobBox.hidden = !running;
  emptyState.hidden = overview.runs.length > 0 || running;
  if (running) {
    const steps = job.total ? `: ${job.done.toLocaleString("en")} of ${job.total.toLocaleString("en")}` : " …";
    const left = job.seconds_left === null ? "" : `, about ${duration(job.seconds_left)} left`;
    progressWords.replaceChildren(foreign(job.title), ` · ${job.stopping ? "Stopping" : job.stage + steps + left}`);
    if (job.total) {
      bar.max = job.total;
      bar.value = job.done;
    } else {
      bar.removeAttribute("value");
    }
    if (stage !== job.stage) status.textContent = `${job.stage}.`;
    stage = job.stage;
    cancel.disabled = job.stopping;
  }
  update();
}

// Looks at the run, and again later: soon while one is under way, seldom otherwise, never while the tab is out of sight.
function look(after) {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (!element.isConnected) return;
    const visible = element.checkVisibility?.() ?? true;
    if (visible && !document.hidden) {
      const before = job;
      try {
        job = await request("GET", "/job");
        if (job.number !== before.number || job.state !== before.state || job.state === "running") drawJob();
        if (job.state !== "running" && (before.state === "running" || job.number !== before.number)) await ended();
      } catch (error) {
        tell(error.message, "fn-poor");
      }
    }
    look(job.state === "running" ? SOON : LATER);
  }, after);
}

async function ended() {
  stage = "";
  if (job.state === "failed") tell(job.message, "fn-poor");
  if (job.state === "cancelled") tell("Cancelled. Nothing was kept of this run.");
  if (job.state === "done") tell("");
  status.textContent = { done: "The evaluation is done.", cancelled: "Cancelled.", failed: "The evaluation failed." }[job.state] ?? "";
  await refresh();
  if (job.state === "done") await open(job.result);
}

// ---- past runs ----

const runsBody = make("tbody");
const compareButton = button("Compare the two chosen", attempt(() => show("comparison", () => drawComparison(...inOrder()))), "", { disabled: true });
const runsBox = make(
  "section",
  { class: "fn-stack", "aria-label": "Past runs" },
  make("div", { class: "fn-spread" }, make("h2", { class: "fn-subtitle" }, "Past runs"), compareButton),
  make(
    "div",
    { class: "fn-table-scroll", tabindex: "0", role: "region", "aria-label": "List of past runs" },
    make(
      "table",
      { class: "fn-table ev-runs" },
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          ...["Compare", "Data set", "Mode", "Questions", "Score", "95 % interval", "When", "Remove"].map((name, at) =>
            make("th", { scope: "col", class: at === 3 || at === 4 ? "fn-number" : null }, name === "Remove" ? make("span", { class: "fn-visually-hidden" }, name) : name),
          ),
        ),
      ),
      runsBody,
    ),
  ),
);

// The older of the two chosen runs is A.
const inOrder = () => overview.runs.map((run) => run.id).filter((id) => compared.has(id)).reverse();

function drawRuns() {
  runsBox.hidden = !overview.runs.length;
  emptyState.hidden = overview.runs.length > 0 || job.state === "running";
  for (const id of compared) if (!overview.runs.some((run) => run.id === id)) compared.delete(id);
  runsBody.replaceChildren(
    ...overview.runs.map((run, place) => {
      const score = mainScore(run);
      const box = make("input", {
        type: "checkbox",
        checked: compared.has(run.id),
        "aria-label": `Compare ${run.dataset}, ${moment(run.when)}`,
        onchange: () => {
          if (box.checked) compared.add(run.id);
          else compared.delete(run.id);
          compareButton.disabled = compared.size !== 2;
        },
      });
      const remove = attempt(async () => {
        await request("DELETE", `/runs/${run.id}`);
        if (opened === run.id) close();
        await refresh();
        status.textContent = "Removed.";
        const left = [...runsBody.querySelectorAll(".ev-open")];
        (left[place] ?? left.at(-1) ?? (setRow.hidden ? drop.querySelector("button") : setSelect)).focus();
      });
      return make(
        "tr",
        { "aria-selected": opened === run.id ? "true" : null, "data-run": run.id },
        make("td", {}, make("label", { class: "fn-check" }, box)),
        make("th", { scope: "row" }, make("button", { type: "button", class: "ev-open fn-link", onclick: () => open(run.id) }, foreign(run.dataset))),
        make("td", {}, MODES[run.mode], run.over === "index" && make("span", { class: "fn-hint" }, " of this index"), run.answer_all && make("span", { class: "fn-hint" }, " never refusing")),
        make("td", { class: "fn-number" }, run.questions.toLocaleString("en")),
        make("td", { class: "fn-number" }, `${score.name} ${score.value}`),
        make("td", {}, score.interval),
        make("td", {}, moment(run.when)),
        make("td", {}, button("Remove", remove, "fn-quiet fn-danger", { "aria-label": `Remove the run of ${run.dataset}, ${moment(run.when)}` })),
      );
    }),
  );
  compareButton.disabled = compared.size !== 2;
}

// ---- results ----

const result = make("section", { class: "fn-stack ev-result", "aria-labelledby": "ev-result-title", hidden: true });
let showing = 0;

async function show(what, draw) {
  const mine = ++showing;
  const drawn = await draw();
  if (mine !== showing) return;
  opened = what;
  result.replaceChildren(make("div", { class: "ev-close" }, button("Close", () => closeAndGoBack(), "fn-quiet")), ...drawn);
  result.hidden = false;
  drawRuns();
  const title = result.querySelector("#ev-result-title");
  title.focus({ preventScroll: true });
  title.scrollIntoView({ block: "start" });
}

const open = attempt((id) => show(id, () => drawRun(id, tell)));

function close() {
  opened = null;
  showing += 1;
  result.hidden = true;
  result.replaceChildren();
  drawRuns();
}

// Back to what it was opened with.
function closeAndGoBack() {
  const shown = opened;
  close();
  const row = [...runsBody.children].find((one) => one.dataset.run === shown);
  (row?.querySelector(".ev-open") ?? compareButton).focus();
}

// ---- all of it ----

async function refresh() {
  overview = await request("GET", "");
  if (!overview.datasets.some((set) => set.id === chosen)) chosen = overview.datasets[0]?.id ?? null;
  setSelect.replaceChildren(...overview.datasets.map((set) => make("option", { value: set.id, selected: set.id === chosen }, set.name)));
  setRow.hidden = !overview.datasets.length;
  choose(chosen);
  drawRuns();
}

const field = (id, words, control) => make("div", { class: "fn-field" }, make("label", { class: "fn-label", for: id }, words), control);
setRow.append(field("ev-set", "Data set", setSelect), removeSet);
element.replaceChildren(
  make(
    "div",
    { class: "fn-stack ev-panel" },
    make(
      "div",
      {},
      make("h2", { class: "fn-title" }, "Evaluation"),
      make("p", { class: "fn-hint" }, "Ask a set of questions whose answers are known, and see how often they are found. The chat can be used meanwhile."),
    ),
    status,
    make(
      "section",
      { class: "fn-card ev-new", "aria-label": "New run" },
      make("div", { class: "fn-stack" }, setRow, setFacts, skipRow, drop, example),
      make(
        "div",
        { class: "fn-stack" },
        make("fieldset", { class: "ev-modes" }, make("legend", { class: "fn-label" }, "What is measured"), ...modes),
        make("div", { class: "fn-row ev-fields" }, field("ev-over", "Asked of", over), field("ev-limit", "How many questions", limit)),
        make("div", { class: "fn-spread" }, answerAllLabel, start),
      ),
    ),
    notice,
    jobBox,
    emptyState,
    runsBox,
    result,
  ),
);
attempt(async () => {
  await refresh();
  job = await request("GET", "/job");
  drawJob();
})();
look(SOON);
