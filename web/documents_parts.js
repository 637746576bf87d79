// Parts of the documents panel (its scripts run as one, in the order in which ui.py names them).
//
// Names, titles and texts of documents come from anywhere: they become text nodes and attributes that hold plain text, and
// nothing here parses HTML.

// One request to our own server; gives what it answers, or throws an error whose message is meant for people.
async function request(method, path, body, signal) {
  const isFile = body instanceof Blob;
  let response;
  try {
    response = await fetch(`/api/library${path}`, {
      method,
      signal,
      body: body === undefined || isFile ? body : JSON.stringify(body),
      headers: body === undefined ? {} : { "Content-Type": isFile ? "application/octet-stream" : "application/json" },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("Footnote does not answer. Is it still running in its terminal?");
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  const problem = new Error(answer?.error?.message ?? `Footnote could not do this (status ${response.status}).`);
  problem.code = answer?.error?.code;
  throw problem;
}

const counted = (number, one, many = `${one}s`) => `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;

function sized(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

function lasting(seconds) {
  if (seconds < 55) return `about ${counted(Math.max(5 * Math.round(seconds / 5), 5), "second")} left`;
  if (seconds < 3300) return `about ${counted(Math.max(Math.round(seconds / 60), 1), "minute")} left`;
  return `about ${counted(Math.round(seconds / 3600), "hour")} left`;
}

function dated(iso) {
  const date = new Date(iso);
  const today = new Date().toDateString() === date.toDateString();
  return today
    ? `today ${date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`
    : date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

// What a screen reader should say, one thing after the other.
const speaker = make("div", { class: "fn-visually-hidden", role: "status", "aria-live": "polite" });
const say = (words) => {
  speaker.textContent = words;
};

// Other panels and windows learn that documents or the choice of them have changed.
const channel = new BroadcastChannel("footnote-library");
function tellOthers() {
  channel.postMessage("changed");
  window.dispatchEvent(new Event("footnote:documents"));
}

function openTab(name) {
  const tab = [...document.querySelectorAll("#tabs [role='tab']")].find((tab) => tab.textContent.trim() === name);
  tab?.click();
}

// Shows a question in a dialog; gives the value of the button that was pressed, "" when it was closed.
function choose(title, words, names, choices) {
  return new Promise((resolve) => {
    const dialog = make(
      "dialog",
      { class: "fn-dialog", "aria-labelledby": "library-question" },
      make("h2", { class: "fn-subtitle", id: "library-question" }, title),
      make("p", {}, words),
      names.length > 1 && make("ul", { class: "library-names" }, ...names.slice(0, 10).map((name) => make("li", {}, foreign(name)))),
      names.length > 10 && make("p", { class: "fn-hint" }, `and ${counted(names.length - 10, "more", "more")}`),
      make(
        "form",
        { method: "dialog", class: "fn-dialog-buttons" },
        ...choices.map(([value, label, look]) => make("button", { class: `fn-button ${look}`, value }, label)),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
    element.append(dialog);
    dialog.showModal();
  });
}
