// From a selection in the source panel to offsets in the document.
//
// Footnote counts Unicode code points; a browser counts UTF-16 units, of which an emoji has two or more. Text is counted by
// walking over it, so nothing is ever looked for by its words. Parts of the panel that are no text of the document carry the
// attribute data-extra and are passed over.

// How many code points `text` has; half a character counts as one, as in Python.
function codePoints(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const isHigh = (unit) => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit) => unit >= 0xdc00 && unit <= 0xdfff;

// The code points [start, end) that the UTF-16 units [from, to) of `text` touch, and the text there.
function spanOfUnits(text, from, to) {
  const splits = (at) => at > 0 && at < text.length && isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at));
  const first = splits(from) ? from - 1 : from;
  const last = to > from && splits(to) ? to + 1 : to;
  const start = codePoints(text.slice(0, first));
  const words = text.slice(first, last);
  return { start, end: start + codePoints(words), text: words };
}

function* textNodes(root) {
  const accept = (node) =>
    node.nodeType === Node.ELEMENT_NODE && node.hasAttribute("data-extra") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, accept);
  while (walker.nextNode()) if (walker.currentNode.nodeType === Node.TEXT_NODE) yield walker.currentNode;
}

// How many UTF-16 units of the text in `root` stand before the place (container, offset).
function unitsBefore(root, container, offset) {
  const place = document.createRange();
  place.setStart(container, offset);
  let units = 0;
  for (const node of textNodes(root)) {
    if (node === container) return units + offset;
    if (place.comparePoint(node, 0) >= 0) break;
    units += node.data.length;
  }
  return units;
}

// The span of the document that `range` covers within `root`, an element with data-document and data-start; null if none.
function selectedSpan(root, range) {
  if (range.collapsed || !range.intersectsNode(root)) return null;
  const whole = document.createRange();
  whole.selectNodeContents(root);
  const startsInside = range.compareBoundaryPoints(Range.START_TO_START, whole) >= 0;
  const endsInside = range.compareBoundaryPoints(Range.END_TO_END, whole) <= 0;
  let text = "";
  for (const node of textNodes(root)) text += node.data;
  const from = startsInside ? unitsBefore(root, range.startContainer, range.startOffset) : 0;
  const to = endsInside ? unitsBefore(root, range.endContainer, range.endOffset) : text.length;
  if (to <= from) return null;
  const span = spanOfUnits(text, from, to);
  const base = Number(root.dataset.start);
  return { documentId: root.dataset.document, start: base + span.start, end: base + span.end, text: span.text };
}
