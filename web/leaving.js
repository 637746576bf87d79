// Going to another conversation, or beginning one: part of the script of the bar, after the others, whose names it uses.

const STORED = "footnote-conversation"; // kept for this window only, so that a reload shows what was there
const CALM = 5000; // milliseconds that an answer may take to begin and be stopped
const SETTLED = 1000; // milliseconds that the other conversation may take to be shown
const pause = () => new Promise((go) => setTimeout(go, 50));
let asked = null; // what was on show when a question was sent, until something of its answer is
let leaving = 0; // how many wishes to leave are being fulfilled; the last of them counts
let wishes = 0;
let stored = ""; // the conversation on show that is kept for a reload

// A question was sent: until something of its answer is on show nobody can stop it.
function sent() {
  if (!last("#chat .stage")) asked = told;
}

// Leaves only once what is being answered has begun and been stopped: or else the answer would take the window back.
// Gradio's own `cancels` does not do: it acts when the other conversation is there already, and fails on what has not begun.
async function leave(wish) {
  giveUp();
  const mine = ++wishes;
  leaving++;
  try {
    const calm = Date.now() + CALM;
    while (Date.now() < calm && mine === wishes && (asked !== null || last("#chat .stage"))) {
      const stop = last("#chat button.stop");
      if (stop) await call("stop", stop.value.split("/")[2]);
      await pause();
    }
    if (mine !== wishes) return;
    asked = null;
    const shown = () => all("#chat .message").length;
    const [was, before] = [conversation(), shown()];
    // In an empty window there is nothing to leave, and the answer to a question asked at once would be taken away again.
    if (!wish.conversation && !was && !before) return;
    trigger("leave", wish);
    // A question that is typed meanwhile waits, and so does not go to the conversation that is left.
    const there = () => (wish.conversation === was ? shown() !== before : conversation() === wish.conversation);
    const until = Date.now() + SETTLED;
    while (Date.now() < until && mine === wishes && !there()) await pause();
    if (mine === wishes && !there()) sayIfGone();
  } finally {
    leaving--;
  }
}

async function sayIfGone() {
  const why = await whyGone();
  if (why) note(why);
}

// ---- reloading ----

// A question is kept before it is answered, so whatever conversation has a button can be opened again.
function store() {
  const id = conversation();
  if (id === stored) return;
  stored = id;
  try {
    if (id) sessionStorage.setItem(STORED, id);
    else sessionStorage.removeItem(STORED);
  } catch {
    /* storage is switched off: a reload begins a new conversation */
  }
}

async function reopen() {
  let id = null;
  try {
    id = sessionStorage.getItem(STORED);
  } catch {
    /* storage is switched off */
  }
  if (!id) return;
  // The page is built bit by bit, and the chat listens last.
  for (let left = 100; left && !(box() && document.querySelector("#chat")); left--) await pause();
  if (!signal.aborted && asked === null && wishes === 0 && !last("#chat .message")) leave({ conversation: id });
}

reopen();
