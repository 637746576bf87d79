// The list: filter, sort, pages, choice of what is asked, removal with undo.

const PAGE = 50;
const COLUMNS = [
  ["title", "Title", false],
  ["passages", "Passages", true],
  ["size", "Size", true],
  ["date", "Date", false],
  ["added", "Added", false],
];
const view = { words: "", sort: "title", descending: false, offset: 0 };
let chosen = new Set(); // as ticked
let saved = chosen; // as the server has it; another set than `chosen` while ticks are on their way there
let saving = Promise.resolve();
let shown = null; // the last page of the list
let turn = 0; // answers to earlier requests come too late

const filterField = make("input", { type: "search", class: "fn-input", id: "library-filter", placeholder: "Words of the title or file name", autocomplete: "off" });
const sortField = make(
  "select",
  { class: "fn-select", id: "library-sort" },
  ...COLUMNS.flatMap(([key, label, isNumber]) => {
    const [up, down] = isNumber ? ["fewest first", "most first"] : key === "title" ? ["A to Z", "Z to A"] : ["oldest first", "newest first"];
    return [make("option", { value: `${key}-up` }, `${label}, ${up}`), make("option", { value: `${key}-down` }, `${label}, ${down}`)];
  }),
);
const headers = COLUMNS.map(([key, label, isNumber]) => {
  const cell = make("th", { scope: "col", class: isNumber ? "fn-number" : null });
  cell.append(make("button", { type: "button", class: "library-sort-button", onclick: () => sortBy(key, view.sort === key ? !view.descending : key !== "title") }, label, make("span", { "aria-hidden": "true", class: "library-arrow" })));
  return cell;
});
const body = make("tbody");
const table = make(
  "table",
  { class: "fn-table library-table" },
  make("caption", { class: "fn-visually-hidden" }, "Documents of the index"),
  make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Ask only"), ...headers, make("th", { scope: "col" }, make("span", { class: "fn-visually-hidden" }, "Remove")))),
  body,
);
const choiceBar = make("div", { class: "fn-row library-choice" });
const undoArea = make("div", { class: "fn-stack library-undo" });
const pager = make("nav", { class: "fn-row library-pager", "aria-label": "Pages of the list" });
const listTools = make(
  "div",
  { class: "fn-row library-list-tools" },
  make("div", { class: "fn-field" }, make("label", { class: "fn-label", for: "library-filter" }, "Filter"), filterField),
  make("div", { class: "fn-field" }, make("label", { class: "fn-label", for: "library-sort" }, "Sort"), sortField),
);
const nothing = make("p", { class: "fn-hint", hidden: true }, "No document matches.");
const listArea = make("section", { class: "fn-stack", "aria-label": "Documents" }, listTools, choiceBar, make("div", { class: "fn-table-scroll library-scroll" }, table), nothing, pager);

async function loadList() {
  const mine = ++turn;
  const before = chosen;
  const asked = new URLSearchParams({ ...view, limit: PAGE });
  const [page, choice] = await Promise.all([request("GET", `/documents?${asked}`), request("GET", "/selection")]);
  if (mine !== turn) return;
  if (page.offset > 0 && page.documents.length === 0) {
    view.offset = Math.max(0, PAGE * Math.floor((page.matching - 1) / PAGE));
    await loadList();
    return;
  }
  shown = page;
  limits = page.limits;
  if (chosen === before && chosen === saved) chosen = saved = new Set(choice.documents); // ticks since then are newer
  showList();
}

const refresh = () => loadList().catch((error) => complain(error.message));

function showList() {
  const focused = document.activeElement?.closest?.("tr")?.dataset.document;
  const part = document.activeElement?.dataset?.part;
  body.replaceChildren(...shown.documents.map(rowOf));
  if (focused && part) body.querySelector(`tr[data-document="${CSS.escape(focused)}"] [data-part="${part}"]`)?.focus();
  for (const [number, [key]] of COLUMNS.entries()) {
    const current = view.sort === key;
    if (current) headers[number].setAttribute("aria-sort", view.descending ? "descending" : "ascending");
    else headers[number].removeAttribute("aria-sort");
    headers[number].querySelector(".library-arrow").textContent = current ? (view.descending ? " ↓" : " ↑") : "";
  }
  sortField.value = `${view.sort}-${view.descending ? "down" : "up"}`;
  nothing.hidden = shown.matching > 0;
  table.hidden = shown.matching === 0;
  table.classList.toggle("library-alone", shown.total === 1 && chosen.size === 0);
  showChoice();
  showPager();
  showRemovals();
  showTotals();
}

function rowOf(row) {
  const box = make("input", { type: "checkbox", "data-part": "ask", "aria-label": `Ask only: ${row.title}`, onchange: (event) => toggle(row.id, event.target.checked) });
  box.checked = chosen.has(row.id);
  const missing = row.status === "missing" && make("span", { class: "fn-badge fn-fair", title: "The file is not where it was any more. Its text is in the index: answers quote it as before." }, "file gone");
  const cell = (label, isNumber, ...children) => make("td", { class: isNumber ? "fn-number" : null, "data-label": label }, ...children);
  return make(
    "tr",
    { "data-document": row.id, "aria-selected": chosen.has(row.id) ? "true" : null },
    make("td", { class: "library-ask" }, make("label", { class: "fn-check" }, box)),
    make(
      "th",
      { scope: "row", class: "library-title" },
      make("a", { href: `#cite/${row.id}`, class: "fn-link", "data-part": "open" }, foreign(row.title)),
      " ",
      missing || make("span", { class: "fn-badge fn-good" }, "ready"),
      make("span", { class: "fn-hint library-source", title: row.source }, foreign(row.source)),
    ),
    cell("Passages", true, row.passages.toLocaleString("en-GB")),
    cell("Size", true, sized(row.size)),
    cell("Date", false, row.date ?? "–"),
    cell("Added", false, make("time", { datetime: row.added }, dated(row.added))),
    make("td", { class: "library-remove" }, button("Remove", () => removeThese([row.id]), "fn-quiet fn-danger", { "data-part": "remove", "aria-label": `Remove ${row.title}` })),
  );
}

function showTotals() {
  totals.textContent = `${counted(shown.total, "document")}, ${counted(shown.passages, "passage")}`;
  const isEmpty = shown.total === 0;
  listArea.hidden = isEmpty;
  emptyState.hidden = !isEmpty;
  keeping.hidden = shown.keeps_originals;
}

// ---- choice of what is asked ----

function showChoice() {
  const words = chosen.size ? `Asking only ${chosen.size.toLocaleString("en-GB")} of ${counted(shown.total, "document")}.` : shown.total === 1 ? "Asking this one document." : `Asking all ${counted(shown.total, "document")}. Tick some to ask only these.`;
  const parts = [make("span", { class: chosen.size ? "library-asking" : "fn-hint" }, words)];
  if (view.words && shown.matching > 0 && shown.matching < shown.total) parts.push(button(`Ask only the ${shown.matching.toLocaleString("en-GB")} that match`, chooseMatching));
  if (chosen.size) {
    parts.push(button("Ask all", () => setChosen([])));
    parts.push(button(`Remove ${chosen.size === 1 ? "this one" : `these ${chosen.size.toLocaleString("en-GB")}`}`, () => removeThese([...chosen]), "fn-danger"));
  }
  choiceBar.replaceChildren(...parts);
}

function toggle(id, isChosen) {
  const next = new Set(chosen);
  if (isChosen) next.add(id);
  else next.delete(id);
  setChosen([...next]);
}

async function setChosen(documents) {
  const mine = new Set(documents);
  chosen = mine; // the next tick builds on this one, saved or not
  const put = saving.then(() => request("PUT", "/selection", { documents }));
  saving = put.catch(() => {}); // one after the other: the last one holds
  try {
    const choice = await put;
    saved = new Set(choice.documents);
    if (chosen !== mine) return;
    chosen = saved;
    showList();
    say(chosen.size ? `Asking only ${chosen.size} of ${counted(choice.total, "document")}.` : "Asking all documents.");
    tellOthers();
  } catch (error) {
    if (chosen !== mine) return; // the tick after it brings this one too
    chosen = saved;
    showList();
    complain(error.message);
    refresh();
  }
}

async function chooseMatching() {
  try {
    setChosen((await request("GET", `/matching?${new URLSearchParams({ words: view.words })}`)).documents);
  } catch (error) {
    complain(error.message);
  }
}

// ---- removal ----

async function removeThese(documents) {
  complain("");
  try {
    const removal = await request("POST", "/removals", { documents });
    await loadList();
    undoArea.querySelector(`[data-removal="${CSS.escape(removal.id)}"] button`)?.focus();
    say(`Removed ${removal.documents === 1 ? removal.title : counted(removal.documents, "document")}. This can be undone for ${Math.round(removal.seconds)} seconds.`);
    tellOthers();
  } catch (error) {
    complain(error.message);
    refresh();
  }
}

function showRemovals() {
  const before = document.activeElement?.closest?.("[data-removal]")?.dataset.removal;
  undoArea.replaceChildren(
    ...shown.removals.map((removal) => {
      const what = removal.documents === 1 ? [foreign(removal.title)] : [counted(removal.documents, "document")];
      const words = removal.problem ? ["Could not remove ", ...what, ": ", foreign(removal.problem)] : ["Removed ", ...what, `. This can be undone for about ${Math.max(Math.ceil(removal.seconds), 1)} seconds.`];
      return make(
        "div",
        { class: `fn-notice fn-spread ${removal.problem ? "fn-poor" : ""}`, "data-removal": removal.id },
        make("span", {}, ...words),
        button(removal.problem ? "Dismiss" : "Undo", () => undo(removal.id)),
      );
    }),
  );
  if (before) undoArea.querySelector(`[data-removal="${CSS.escape(before)}"] button`)?.focus();
  clearTimeout(showRemovals.timer);
  const soonest = Math.min(...shown.removals.filter((removal) => !removal.problem).map((removal) => removal.seconds));
  if (Number.isFinite(soonest)) showRemovals.timer = setTimeout(refresh, soonest * 1000 + 600);
}

async function undo(id) {
  try {
    await request("DELETE", `/removals/${id}`);
    say("Undone.");
  } catch (error) {
    complain(error.message);
  }
  await refresh();
  filterField.focus();
  tellOthers();
}

// ---- filter, sort, pages ----

function sortBy(key, descending) {
  Object.assign(view, { sort: key, descending, offset: 0 });
  refresh();
}

sortField.addEventListener("change", () => {
  const [key, direction] = sortField.value.split("-");
  sortBy(key, direction === "down");
});

let typing = null;
filterField.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(async () => {
    Object.assign(view, { words: filterField.value.trim(), offset: 0 });
    await refresh();
    if (shown && view.words) say(`${counted(shown.matching, "document")} ${shown.matching === 1 ? "matches" : "match"}.`);
  }, 200);
});

function showPager() {
  pager.hidden = shown.matching <= PAGE;
  const last = Math.min(view.offset + PAGE, shown.matching);
  const move = (by) => {
    view.offset = Math.max(0, view.offset + by);
    refresh().then(() => table.scrollIntoView({ block: "nearest" }));
  };
  const focused = pager.contains(document.activeElement) ? document.activeElement.dataset.part : null;
  pager.replaceChildren(
    button("Previous", () => move(-PAGE), "", { disabled: view.offset === 0, "data-part": "previous" }),
    make("span", { class: "fn-hint" }, `${(view.offset + 1).toLocaleString("en-GB")} to ${last.toLocaleString("en-GB")} of ${shown.matching.toLocaleString("en-GB")}`),
    button("Next", () => move(PAGE), "", { disabled: last >= shown.matching, "data-part": "next" }),
  );
  if (focused) (pager.querySelector(`[data-part="${focused}"]:not(:disabled)`) ?? pager.querySelector("button:not(:disabled)"))?.focus();
}
