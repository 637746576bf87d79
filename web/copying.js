// Copying for every script of the page. Browsers give a clipboard only to pages of https and of this computer; over http from
// another one, what is selected can still be copied.
(() => {
  function copySelected(text) {
    const [focused, selection] = [document.activeElement, document.getSelection()];
    const ranges = Array.from({ length: selection.rangeCount }, (_, at) => selection.getRangeAt(at));
    const area = document.createElement("textarea");
    area.value = text;
    area.readOnly = true; // no keyboard comes up on a phone
    area.setAttribute("aria-hidden", "true");
    area.style.cssText = "position: fixed; top: 0; left: 0; opacity: 0;"; // what is not rendered cannot be copied
    document.body.append(area);
    area.focus({ preventScroll: true });
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    selection.removeAllRanges();
    ranges.forEach((range) => selection.addRange(range));
    focused?.focus?.({ preventScroll: true });
    return copied;
  }

  // Throws an error whose message is meant for people.
  window.footnoteCopy = async (text) => {
    try {
      if (navigator.clipboard) return await navigator.clipboard.writeText(text);
    } catch {
      /* not allowed; the other way may be */
    }
    if (!copySelected(text)) throw new Error("The browser does not allow copying here. Select the text and copy it.");
  };
})();
