// Results in the Evaluation tab: one run with its scores, plots and worst questions, or two runs held against each other.

const AT_A_TIME = 10;

function drawTiles(tiles) {
  const cards = tiles.map((tile) =>
    make(
      "div",
      { class: "ev-tile" },
      make("h4", {}, tile.name),
      make(
        "dl",
        {},
        ...tile.scores.flatMap((score) => [
          make("dt", { title: score.meaning }, score.name),
          make("dd", {}, score.value, score.interval && make("span", { class: "ev-interval" }, ` ${score.interval}`)),
        ]),
      ),
    ),
  );
  return make("div", { class: "ev-tiles" }, ...cards);
}

// A passage with its marks; what it is marked as is told to screen readers too.
function drawExcerpt(excerpt) {
  const names = { gold: "expected", given: "given", both: "expected and given" };
  const pieces = excerpt.pieces.map((piece) =>
    piece.mark ? make("mark", { class: `ev-${piece.mark}`, title: names[piece.mark] }, piece.text) : piece.text,
  );
  return [
    make("p", { class: "ev-where" }, foreign(excerpt.title), ` · from character ${excerpt.start.toLocaleString("en")}`),
    make("blockquote", { dir: "auto" }, excerpt.cut_before && "… ", ...pieces, excerpt.cut_after && " …"),
  ];
}

function drawSide(name, words, excerpt, otherwise) {
  return make(
    "div",
    { class: "ev-side" },
    make("h5", {}, name),
    words,
    ...(excerpt ? drawExcerpt(excerpt) : otherwise ? [make("p", { class: "fn-hint" }, otherwise)] : []),
  );
}

function drawQuestion(question) {
  const ranked = question.answer === null;
  const golds = [...new Set(question.golds)];
  const expected = golds.length ? golds.flatMap((gold, at) => [at ? " · " : "", foreign(gold)]) : ["No answer"];
  let given = [foreign(question.answer ?? "")];
  let heading = "Given";
  if (ranked) {
    heading = "Ranked";
    given = [question.rank === null ? "No passage with the expected words was found" : `First hit at rank ${question.rank}`];
  } else if (question.error) {
    given = ["Not asked: ", foreign(question.error)];
  } else if (question.refused) {
    heading = question.best ? "Held back" : "Given";
    given = question.best ? [foreign(question.best)] : ["No answer"];
  }
  const facts = [];
  if (question.f1 !== null) facts.push(`F1 ${(100 * question.f1).toFixed(0)} %`);
  if (question.confidence !== null) facts.push(`confidence ${(100 * question.confidence).toFixed(0)} %`);
  return make(
    "article",
    { class: "ev-question" },
    make(
      "div",
      { class: "fn-spread" },
      make("h4", {}, foreign(question.question)),
      make(
        "span",
        { class: "fn-row" },
        make("span", { class: `fn-badge ${question.right ? "fn-good" : "fn-poor"}` }, question.stage ?? (question.right ? "right" : "wrong")),
        make("span", { class: "fn-hint" }, facts.join(" · ")),
      ),
    ),
    make(
      "div",
      { class: "ev-sides" },
      drawSide("Expected", make("p", { class: "ev-words" }, ...expected), question.expected),
      drawSide(
        heading,
        make("p", { class: "ev-words" }, ...given),
        ranked ? null : question.found,
        !ranked && question.best ? "The place of these words cannot be shown." : "",
      ),
    ),
  );
}

// The worst questions of a run, some at a time.
function drawWorst(run, tell) {
  const list = make("div", { class: "fn-stack" });
  const told = make("p", { class: "fn-hint", role: "status" });
  const more = button("Show more", () => load(false), "", { hidden: true });
  const only = make(
    "select",
    { class: "fn-select", id: "ev-only", onchange: () => load(true) },
    make("option", { value: "wrong" }, "wrong ones"),
    make("option", { value: "all" }, "all"),
  );
  let shown = 0;
  let turn = 0;

  async function load(anew) {
    const mine = ++turn;
    const from = anew ? 0 : shown;
    try {
      const found = await request("GET", `/runs/${run.id}/questions?first=${from}&count=${AT_A_TIME}&only=${only.value}`);
      if (mine !== turn) return;
      const drawn = found.questions.map(drawQuestion);
      if (anew) list.replaceChildren(...drawn);
      else list.append(...drawn);
      shown = from + found.questions.length;
      more.hidden = shown >= found.total;
      told.textContent = found.total
        ? `${shown.toLocaleString("en")} of ${count(found.total, "question")}, the worst first`
        : "None: every question went right.";
    } catch (error) {
      tell(error.message, "fn-poor");
    }
  }

  load(true);
  const toolbar = make(
    "div",
    { class: "fn-spread" },
    make("h3", { class: "fn-subtitle" }, "Questions, side by side in their source"),
    make("span", { class: "fn-row" }, make("label", { class: "fn-label", for: "ev-only" }, "Show"), only),
  );
  const legend = make(
    "p",
    { class: "fn-hint" },
    make("mark", { class: "ev-gold" }, "expected"),
    " ",
    make("mark", { class: "ev-given" }, "given"),
    " ",
    make("mark", { class: "ev-both" }, "both"),
  );
  return make("section", { class: "fn-stack" }, toolbar, legend, told, list, more);
}

// The heading of a result takes the focus, so that the keyboard and screen readers are where the news is.
const resultTitle = (...words) => make("h2", { class: "fn-title", tabindex: "-1", id: "ev-result-title" }, ...words);

async function drawRun(id, tell) {
  const { facts, tiles, plots } = await request("GET", `/runs/${id}`);
  const over = facts.over === "index" ? "over the articles of this index" : facts.mode === "reading" ? "" : "over its own texts";
  const told = [
    `${MODES[facts.mode]} ${over}`.trim(),
    count(facts.questions, "question"),
    facts.skipped ? `${count(facts.skipped, "faulty row")} left out` : "",
    facts.answer_all ? "never refusing" : "",
    facts.seconds === null ? "" : `took ${duration(facts.seconds)}`,
    moment(facts.when),
  ];
  const path = `/api/evaluation/runs/${facts.id}`;
  const link = (to, words, more) => make("a", { class: "fn-button", href: path + to, ...more }, words);
  return [
    resultTitle(foreign(facts.dataset)),
    make("p", { class: "fn-hint" }, told.filter(Boolean).join(" · ")),
    make(
      "div",
      { class: "fn-toolbar" },
      link("/report", "Open the whole report", { target: "_blank", rel: "noopener" }),
      link("/files/scores.json", "Download scores (JSON)", { download: "scores.json" }),
      link("/files/results.csv", "Download questions (CSV)", { download: "results.csv" }),
    ),
    drawTiles(tiles),
    make("p", { class: "fn-hint" }, "Below a score stands its 95 % interval: how far it may move with other questions of the same kind."),
    plots.length > 0 && make("div", { class: "ev-plots" }, ...plots.map(drawPlot)),
    drawWorst(facts, tell),
  ].filter(Boolean);
}

const SCORE_NAMES = {
  exact_match: "Exact match (%)",
  f1: "F1 (%)",
  "answerable.exact_match": "Exact match, with an answer (%)",
  "answerable.f1": "F1, with an answer (%)",
  "unanswerable.accuracy": "Left unanswered, without an answer",
  "no_answer.auroc": "Refusing: AUROC",
  "no_answer.precision": "Refusing: precision",
  "no_answer.recall": "Refusing: recall",
  "calibration.ece": "Calibration error (less is better)",
  "risk_coverage.aurc": "AURC (less is better)",
  "citation.verbatim": "Citations verbatim",
  "citation.iou": "Citations: overlap",
  "citation.sentence_recall": "Citations: sentence recall",
};
const scoreName = (key) => SCORE_NAMES[key] ?? key.replace("retrieval.", "");
const answerOf = (given) => (typeof given === "number" ? `rank ${given}` : given ? foreign(given) : "none");
const signed = (number, digits) => `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(digits)}`;

function drawDifferences(scores) {
  const rows = Object.entries(scores).map(([key, score]) => {
    const digits = scoreName(key).includes("%") ? 1 : 3;
    const [low, high] = score.interval;
    const sure = low > 0 || high < 0;
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, scoreName(key)),
      make("td", { class: "fn-number" }, score.a.toFixed(digits)),
      make("td", { class: "fn-number" }, score.b.toFixed(digits)),
      make("td", { class: "fn-number" }, signed(score.difference, digits)),
      make("td", { class: "fn-number" }, `${signed(low, digits)} to ${signed(high, digits)}`),
      make("td", {}, sure ? make("span", { class: "fn-badge fn-good" }, "differs") : make("span", { class: "fn-badge" }, "may be chance")),
    );
  });
  const names = ["Score", "A", "B", "B − A", "95 % interval", ""];
  const head = names.map((name, at) => make(name ? "th" : "td", { scope: name && "col", class: at && at < 5 ? "fn-number" : null }, name));
  return make(
    "div",
    { class: "fn-table-scroll", tabindex: "0", role: "region", "aria-label": "Differences" },
    make("table", { class: "fn-table" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)),
  );
}

async function drawComparison(a, b) {
  const found = await request("GET", `/comparison?a=${a}&b=${b}`);
  const tests = Object.entries(found.mcnemar).map(([name, test]) =>
    make(
      "li",
      {},
      `${name === "refusal" ? "Decision to answer" : scoreName(name)}: only A right ${test.only_a}, only B right ${test.only_b}, p = ${test.p_value.toPrecision(3)}`,
    ),
  );
  const lost = found.regressions.slice(0, 50).map((change) =>
    make(
      "li",
      {},
      make("strong", {}, foreign(change.question)),
      make("br"),
      "expected ",
      ...(change.golds.length ? change.golds.flatMap((gold, at) => [at ? " · " : "", foreign(gold)]) : ["no answer"]),
      "; A: ",
      answerOf(change.a),
      "; B: ",
      answerOf(change.b),
    ),
  );
  const hidden = found.regressions.length - lost.length;
  return [
    resultTitle("Comparison"),
    make("p", { class: "fn-hint" }, foreign(found.a), make("br"), foreign(found.b)),
    drawDifferences(found.scores),
    make("p", { class: "fn-hint" }, `${count(found.bootstrap.resamples, "paired resample")} of ${count(found.bootstrap.units, found.bootstrap.unit)}.`),
    make("h3", { class: "fn-subtitle" }, "McNemar's exact test"),
    make("ul", { class: "ev-list" }, ...tests),
    make("h3", { class: "fn-subtitle" }, `Right in A and wrong in B: ${found.regressions.length}. Wrong in A and right in B: ${found.improvements}.`),
    lost.length > 0 && make("ul", { class: "ev-list ev-lost" }, ...lost),
    hidden > 0 && make("p", { class: "fn-hint" }, `and ${hidden.toLocaleString("en")} more`),
  ].filter(Boolean);
}
