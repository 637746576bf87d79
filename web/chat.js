// The script of the bar above the chat (gradio runs it once, with `element`, `server` and `trigger`): what the buttons of
// the bar and of the messages do, the dialogs, the keys, and what a screen reader is told.
//
// Buttons in messages are known by their value, "<action>/<conversation>/<turn>". All text is set as text, never as HTML.

window.footnoteChat?.abort(); // if the bar is mounted again, the listeners of the one before go
window.footnoteChat = new AbortController();
const { signal } = window.footnoteChat;
const UNREACHABLE = "Footnote does not answer. Is it still running in its terminal?";
const KEYS = "footnote-keys";
const part = (name) => element.querySelector(`[data-part="${name}"]`);
const box = () => document.querySelector("#question textarea");
const all = (selector) => [...document.querySelectorAll(selector)];
const last = (selector) => all(selector).at(-1);

// The conversation on show, which any button of its messages names; "" before the first answer.
const conversation = () => last("#chat button.do")?.value.split("/")[1] ?? "";
// The same once something of it is kept: only what is kept has turns, whose question can be changed.
const keptConversation = () => last("#chat button.edit")?.value.split("/")[1];

// A session that has ended looks like a page that is gone, until it is asked what is free to all who are logged in. "" when
// neither is so.
async function whyGone() {
  const status = await fetch("/api/info").then((response) => response.status, () => 0);
  if (status === 401) return "You are logged out. Reload the page to log in again.";
  return status === 0 ? UNREACHABLE : "";
}
const whyNot = async () => (await whyGone()) || UNREACHABLE;

async function call(name, ...values) {
  try {
    return (await server[name](values)) ?? { error: await whyNot() };
  } catch {
    return { error: await whyNot() };
  }
}

let clearing;
function announce(text) {
  clearTimeout(clearing);
  part("live").textContent = text;
  clearing = setTimeout(() => (part("live").textContent = ""), 15000);
}

// ---- copying and saving ----

async function copy(button, [id, turn]) {
  const told = await call("export", id, "text", turn);
  let [label, words] = ["Copied", "Copied"];
  try {
    if (told.error) throw new Error(told.error);
    await window.footnoteCopy(told.text);
  } catch (error) {
    [label, words] = ["Not copied", error.message];
  }
  announce(words);
  if (!button) return;
  button.textContent = label;
  button.title = words;
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

async function save(form) {
  const id = keptConversation();
  const nothing = { error: conversation() ? "Nothing was answered yet." : "Nothing was asked yet." };
  const told = id ? await call("export", id, form, null) : nothing;
  part("failed").hidden = !told.error;
  part("failed").textContent = told.error ?? "";
  if (told.error) return;
  const types = { md: "text/markdown", html: "text/html", json: "application/json" };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([told.text], { type: `${types[form]};charset=utf-8` }));
  link.download = `footnote-${new Date().toISOString().slice(0, 10)}.${form}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  part("export").close();
  announce("Saved");
}

// ---- past conversations ----

function entry(one) {
  const item = document.createElement("li");
  const open = document.createElement("button");
  open.type = "button";
  open.className = "history-open";
  const title = document.createElement("span");
  title.className = "history-title";
  title.dir = "auto";
  title.textContent = one.title;
  const when = document.createElement("time");
  when.className = "fn-hint";
  when.dateTime = one.changed_at;
  when.textContent = new Date(one.changed_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  open.append(title, when);
  if (one.id === conversation()) open.setAttribute("aria-current", "true");
  open.addEventListener("click", () => {
    part("history").close();
    leave({ conversation: one.id });
    box()?.focus();
  });
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "fn-button fn-quiet fn-danger";
  const name = (words) => {
    remove.textContent = words;
    remove.setAttribute("aria-label", `${words} ${one.title}`);
  };
  name("Delete");
  remove.addEventListener("click", async () => {
    if (!remove.dataset.sure) {
      remove.dataset.sure = "1";
      name("Really delete?");
      return;
    }
    const told = await call("forget", one.id);
    if (told.error) {
      part("where").textContent = told.error; // what is beside an open dialog is not read aloud
      name("Not deleted");
      return;
    }
    if (one.id === conversation()) leave({ conversation: "" });
    const place = [...item.parentElement.children].indexOf(item);
    if (await listHistory()) part("where").textContent = "Deleted.";
    const next = part("history").querySelectorAll(".history-open")[place];
    (next ?? part("history").querySelector("[data-do=close]")).focus();
  });
  item.append(open, remove);
  return item;
}

// Whether the list could be had.
async function listHistory() {
  const told = await call("conversations");
  const list = element.querySelector(".history-list");
  list.replaceChildren(...(told.conversations ?? []).map(entry));
  part("where").textContent =
    told.error ??
    (told.conversations.length === 0
      ? "There are none yet: they appear here as soon as you ask."
      : told.where);
  return !told.error;
}

function show(name) {
  if (element.querySelector("dialog[open]")) return;
  part("failed").hidden = true;
  if (name === "history") element.querySelector(".history-list").replaceChildren(); // as it was when last opened
  part(name).showModal();
  if (name === "history") listHistory();
}

// ---- what the buttons do ----

function startEditing(action, turn) {
  trigger("edit", { how: `${action}/${turn}` });
  box()?.focus();
}

const actions = {
  new: () => {
    leave({ conversation: "" });
    box()?.focus();
  },
  history: () => show("history"),
  export: () => show("export"),
  help: () => show("help"),
  theme: () => announce(window.footnoteTheme.toggle() ? "Dark" : "Light"),
  close: (button) => button.closest("dialog").close(),
  save: (button) => save(button.dataset.form),
  copy,
  edit: (_, [, turn]) => startEditing("edit", turn),
  reread: (_, [, turn]) => startEditing("reread", turn),
  unedit: () => startEditing("", ""),
  earlier: (_, [id]) => leave({ conversation: id, whole: true }),
  anyway: (_, [id, turn]) => {
    if (!mayAsk()) return;
    sent();
    trigger("submit", { conversation: id, turn });
  },
  stop: (button, [, turn]) => {
    if (button.matches(":focus-visible")) box()?.focus(); // the button goes, and by keyboard the place would be lost
    call("stop", turn);
  },
};

document.addEventListener(
  "click",
  (event) => {
    const button = event.target instanceof Element ? event.target.closest("#bar [data-do], #chat button.do, #editing button") : null;
    if (!button) {
      if (event.target instanceof HTMLDialogElement && element.contains(event.target)) event.target.close(); // beside it
      return;
    }
    const [action, ...values] = button.dataset.do ? [button.dataset.do] : button.value.split("/");
    if (!Object.hasOwn(actions, action)) return;
    event.preventDefault();
    event.stopPropagation();
    actions[action](button, values);
  },
  { capture: true, signal },
);

// ---- keys ----

const keysBox = part("keys");
try {
  keysBox.checked = localStorage.getItem(KEYS) !== "off";
} catch {
  /* storage is switched off: the keys work */
}
keysBox.addEventListener("change", () => {
  try {
    localStorage.setItem(KEYS, keysBox.checked ? "on" : "off");
  } catch {
    /* the choice holds for this window only */
  }
});

// A key that belongs to a word being composed; Safari ends the composition before the key that ends it.
const isComposing = (event) => event.isComposing || event.keyCode === 229;
const press = (selector) => last(selector)?.click();
const keys = {
  "/": () => box()?.focus(),
  "?": () => show("help"),
  n: actions.new,
  h: actions.history,
  x: actions.export,
  d: actions.theme,
  e: () => press("#chat button.edit"),
  c: () => press("#chat button.copy"),
  j: () => press("#panel .step-next"),
  k: () => press("#panel .step-previous"),
};

document.addEventListener(
  "keydown",
  (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isComposing(event)) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (document.querySelector("dialog[open]")) return;
    const asking = document.querySelector("#panes")?.offsetParent !== null;
    if (event.key === "Escape" && asking) {
      const stop = last("#chat button.stop");
      if (stop) stop.click();
      else if (target.closest("#question")) document.querySelector("#editing button")?.click();
      return;
    }
    if (!keysBox.checked || target.isContentEditable || target.closest("input, textarea, select, [role=textbox], [role=tab]")) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || !asking) return;
    event.preventDefault();
    act();
  },
  { signal },
);

// ---- what is drawn ----

// Gradio gives messages labels that would have a screen reader read out Markdown, and makes the whole chat a live region
// that would read each stage and each message again whenever it is drawn anew; both go. What matters is told by announce().
let told = "";
function tell() {
  const message = last("#chat .bot .prose, #chat [data-testid='bot'] .prose") ?? last("#chat .bot");
  const stage = message?.querySelector(".stage");
  const answers = message ? [...message.querySelectorAll(".answer")].map((one) => one.textContent) : [];
  const sure = message?.querySelector(".confidence")?.textContent;
  const other = message?.querySelector(".refusal, .error");
  const phrased = message?.querySelector(".phrased, .not-phrased")?.textContent;
  const answer = answers.length ? [`${answers.join("; ")}.`, sure, phrased].filter(Boolean).join(" ") : null;
  const text = answer ?? stage?.textContent ?? other?.textContent ?? "";
  const which = `${all("#chat .bot-row, #chat [data-testid='bot']").length} ${text}`;
  // What an LLM adds to an answer is told alone: the answer was told before.
  if (text && which !== told) announce(answer && told && which.startsWith(told) ? which.slice(told.length).trim() : text);
  if (asked !== null && which !== asked) asked = null;
  told = which;
}

// Each new stage of the last answer brings its question to the top, so that a long answer is read from its beginning.
// Between two of them the chat stays where the reader has scrolled it.
let followed = "";
function follow() {
  const question = last("#chat .user-row");
  const pane = question?.closest(".bubble-wrap");
  if (!pane) return;
  const stage = last("#chat .stage")?.textContent ?? "";
  const seen = [conversation(), all("#chat .user-row, #chat .reply, #chat .error, #chat .phrased").length, stage].join("/");
  if (seen === followed) return;
  followed = seen;
  requestAnimationFrame(() => {
    pane.scrollTop += question.getBoundingClientRect().top - pane.getBoundingClientRect().top - 12;
  });
}

const watcher = new MutationObserver(() => {
  follow();
  for (const message of all("#chat [data-testid='bot'][aria-label], #chat [data-testid='user'][aria-label]")) {
    message.removeAttribute("aria-label");
  }
  const log = document.querySelector("#chat [role='log']:not([aria-live='off'])");
  log?.setAttribute("aria-live", "off");
  document.querySelector("#question .submit-button:not([aria-label])")?.setAttribute("aria-label", "Ask");
  tell();
  store();
});
watcher.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label"] });
signal.addEventListener("abort", () => watcher.disconnect());
