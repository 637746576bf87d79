// Light or dark: as the system has it, unless chosen otherwise on this page. Runs with the header,
// before anything else on the page.
(() => {
  const KEY = "footnote-theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage is switched off
    }
  };
  const isDark = () => (stored() === null ? system.matches : stored() === "dark");
  function apply() {
    const body = document.body;
    if (body && body.classList.contains("dark") !== isDark()) body.classList.toggle("dark", isDark());
    document.documentElement.style.colorScheme = isDark() ? "dark" : "light";
  }
  window.footnoteTheme = {
    toggle() {
      const dark = !isDark();
      try {
        // What the system has anyway is not stored, so that the page follows it again.
        if (dark === system.matches) localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, dark ? "dark" : "light");
      } catch {
        /* without storage there is no choice to keep */
      }
      apply();
      return isDark();
    },
  };
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply); // chosen in another window
  function watch() {
    apply();
    new MutationObserver(apply).observe(document.body, { attributes: true, attributeFilter: ["class"] }); // gradio sets it too
  }
  if (document.body) watch();
  else document.addEventListener("DOMContentLoaded", watch);
})();
