// Light, dark, or the system's setting: stored in this browser.
const root = document.documentElement;
const key = "theme";

function apply(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}

function stored() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

apply(stored());

addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-theme-toggle]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    const next = dark ? "light" : "dark";
    apply(next);
    try {
      localStorage.setItem(key, next);
    } catch {
      // If the browser stores nothing, the choice lasts until the next page.
    }
  });
});
