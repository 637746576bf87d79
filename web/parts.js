// What the panels are built of; it runs before the scripts of each panel, as one with them (ui.py names them).

// An element with attributes, listeners (`onclick: …`) and children; strings become text.
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const button = (words, onclick, look = "", attributes = {}) =>
  make("button", { type: "button", class: `fn-button ${look}`, onclick, ...attributes }, words);

// Foreign text beside our own words: writing that runs the other way must not reorder these.
const foreign = (text) => make("bdi", {}, text);
