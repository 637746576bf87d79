"use strict";
// The list of questions: filters, order, and each question's text with its marks. Every text is put in as text, never as
// HTML, so nothing in it can do anything. Offsets count characters (code points); JavaScript counts UTF-16 units, so a text
// is taken apart into characters before it is cut.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const STEP = 60;
  const list = document.getElementById("list");
  const more = document.getElementById("more");
  const count = document.getElementById("count");
  const form = document.getElementById("filters");
  const KEYS = ["stage", "type", "length", "document"];
  const field = (name) => document.getElementById(name);
  const value = (name) => (field(name) === null ? "" : field(name).value);

  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, text] of Object.entries(attributes)) made.setAttribute(key, text);
    made.append(...children);
    return made;
  };
  const number = new Intl.NumberFormat("en");
  const percent = (share) => (100 * share).toFixed(0) + " %";

  const questions = data.questions;
  for (const one of questions) {
    one.document = data.contexts[one.context].name;
    one.haystack = [one.question, one.read_as, one.id, one.document, one.answer, one.best, ...one.golds].join("\n").toLowerCase();
  }

  const OUTCOMES = {
    "": () => true,
    right: (one) => one.right,
    wrong: (one) => !one.right,
    refused: (one) => one.refused,
    answered: (one) => !one.refused,
  };
  // What is not known sorts as 0: it is the same for every question of a run.
  const known = (score) => (score === null ? 0 : score);
  const ORDERS = {
    file: () => 0,
    // Wrong before right, then by F1; of equally bad ones the surest, which do the most harm; then the later hits.
    worst: (a, b) => a.right - b.right || known(a.f1) - known(b.f1) || known(b.confidence) - known(a.confidence)
      || known(b.rank) - known(a.rank),
    surest: (a, b) => known(b.confidence) - known(a.confidence),
    slowest: (a, b) => known(b.ms) - known(a.ms),
  };

  let chosen = [];
  let shown = 0;

  const choose = () => {
    const words = value("text").toLowerCase().split(/\s+/).filter(Boolean);
    const outcome = OUTCOMES[value("outcome")];
    chosen = questions
      .filter((one) => outcome(one) && KEYS.every((key) => value(key) === "" || one[key] === value(key)))
      .filter((one) => words.every((word) => one.haystack.includes(word)))
      .sort(ORDERS[value("order")]);
    count.textContent = number.format(chosen.length) + " of " + number.format(questions.length)
      + (questions.length === 1 ? " question" : " questions");
    list.replaceChildren();
    shown = 0;
    show();
  };

  const show = () => {
    list.append(...chosen.slice(shown, shown + STEP).map(row));
    shown = Math.min(shown + STEP, chosen.length);
    more.hidden = shown >= chosen.length;
  };

  const verdict = (one) => {
    if (one.stage !== null) return data.stages[one.stage];
    if (one.answer === null) return one.rank === null ? "not found" : "first hit at rank " + one.rank;
    return one.right ? "right" : "wrong";
  };
  const tone = (one) => (one.right ? "good" : one.refused ? "fair" : "poor");

  const row = (one) => {
    const meta = element("span", { class: "meta" }, element("span", { class: "tag" }, verdict(one)));
    if (one.answer !== null) {
      meta.append(" · ");
      meta.append(one.refused ? "no answer given" : element("b", { dir: "auto" }, one.answer));
      meta.append(" · F1 " + percent(one.f1));
    }
    if (one.confidence !== null) meta.append(" · confidence " + percent(one.confidence));
    const made = element("details", { "data-tone": tone(one), "data-id": one.id },
      element("summary", {}, element("bdi", { class: "q" }, one.question), meta));
    made.addEventListener("toggle", () => {
      if (made.open && made.childElementCount === 1) {
        made.append(body(one));
        for (const source of made.querySelectorAll(".source")) toFirstMark(source);
      }
    });
    return element("li", {}, made);
  };

  const fact = (name, text) => [element("dt", {}, name), element("dd", { dir: "auto" }, text)];

  const body = (one) => {
    const facts = element("dl", {});
    const golds = [...new Set(one.golds)];
    if (one.read_as !== null) facts.append(...fact("Read as", one.read_as));
    // A query that documents were judged for expects no words; its document is the most relevant one.
    if (one.length !== null) {
      facts.append(...fact("Expected", golds.length === 0 ? "no answer: the text holds none" : golds.join(" | ")));
    }
    if (one.answer !== null) {
      facts.append(...fact("Given", one.refused ? "no answer" : one.answer));
      if (one.refused && one.best) facts.append(...fact("Held back", one.best));
      facts.append(...fact("Scores", "exact match " + percent(one.exact) + ", F1 " + percent(one.f1)));
    }
    if (one.confidence !== null) facts.append(...fact("Confidence", (100 * one.confidence).toFixed(1) + " %"));
    if (one.rank !== null) facts.append(...fact("Retrieval", "first hit at rank " + one.rank));
    else if (data.ranked && one.error === null) facts.append(...fact("Retrieval", "no hit"));
    if (one.ms !== null) facts.append(...fact("Time", one.ms.toFixed(1) + " ms"));
    if (one.error !== null) facts.append(...fact("Not asked", one.error));
    facts.append(...fact(one.length === null ? "Most relevant" : "Document", one.document), ...fact("Id", one.id));
    const made = element("div", { class: "body" }, facts);
    const here = one.found !== null && one.found.context === one.context;
    made.append(...text(one.context, one.gold, here ? [one.found.span] : [], one.document));
    if (one.found !== null && !here) {
      const place = one.found.context;
      if (place !== null) made.append(...text(place, [], [one.found.span], "Found elsewhere: " + data.contexts[place].name));
      else made.append(element("h4", {}, "Found in another document of the index: " + one.found.document
        + ", characters " + one.found.span.join("–")));
    }
    return made;
  };

  // A context with its marks: cut at every end of a span, so that spans may overlap in any way.
  const text = (position, golds, givens, title) => {
    const context = data.contexts[position];
    const inside = element("div", { dir: "auto" });
    const holds = (spans, start, end) => spans.some((span) => span[0] <= start && end <= span[1]);
    let at = 0;
    for (const [first, piece] of context.parts) {
      if (first > at) inside.append(element("span", { class: "gap" }, "[…]"));
      const characters = Array.from(piece);
      at = first + characters.length;
      const cuts = [first, at, ...[...golds, ...givens].flat().filter((cut) => first < cut && cut < at)];
      const ends = [...new Set(cuts)].sort((a, b) => a - b);
      for (let number = 0; number + 1 < ends.length; number += 1) {
        const [start, end] = [ends[number], ends[number + 1]];
        const words = characters.slice(start - first, end - first).join("");
        const gold = holds(golds, start, end);
        const given = holds(givens, start, end);
        if (!gold && !given) inside.append(words);
        else inside.append(element("mark", {
          class: [gold ? "gold" : "", given ? "given" : ""].join(" ").trim(),
          title: gold && given ? "expected and found" : gold ? "expected" : "found",
          "data-start": start, "data-end": end,
        }, words));
      }
    }
    if (at < context.length) inside.append(element("span", { class: "gap" }, "[…]"));
    const source = element("div", { class: "source", tabindex: "0", role: "region", "aria-label": "Text: " + title,
      "data-context": position }, inside);
    return [element("h4", { dir: "auto" }, title), source];
  };

  const toFirstMark = (source) => {
    const mark = source.querySelector("mark.given") || source.querySelector("mark");
    if (mark === null) return;
    const below = mark.getBoundingClientRect().top - source.getBoundingClientRect().top;
    source.scrollTop = Math.max(0, below - source.clientHeight / 3);
  };

  let waiting = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(choose, event.target.id === "text" ? 120 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(choose, 0));
  more.addEventListener("click", () => {
    const next = shown;
    show();
    // The button moves away from under the keyboard; the first new question is where reading goes on.
    if (list.children[next]) list.children[next].querySelector("summary").focus({ preventScroll: true });
  });
  for (const button of document.querySelectorAll(".pick")) {
    button.addEventListener("click", () => {
      for (const key of [...KEYS, "outcome"]) if (field(key) !== null) field(key).value = "";
      field("text").value = "";
      field(button.dataset.filter).value = button.dataset.value;
      choose();
      field("questions").focus();
      field("questions").scrollIntoView();
    });
  }
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && !more.hidden) show();
  }, { rootMargin: "600px" }).observe(more);
  choose();
})();
