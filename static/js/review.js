// Ticks a whole page, shows how many are ticked, and asks for a second tag only if one is needed.
const form = document.querySelector("[data-review]");

if (form) {
  const items = [...form.querySelectorAll("input[name=item]")];
  const page = form.querySelector("[data-page]");
  const everything = form.querySelector("input[name=everything]");
  const action = form.querySelector("select[name=action]");

  const tell = () => {
    const ticked = items.filter((item) => item.checked);
    const columns = new Set(ticked.map((item) => item.value.split(":")[0]));
    form.querySelector("[data-chosen]").textContent = everything?.checked
      ? "Everything that fits is chosen, on every page."
      : `${ticked.length} of ${items.length} ticked, on ${columns.size} ${columns.size === 1 ? "column" : "columns"}.`;
    page.checked = ticked.length === items.length;
    page.indeterminate = ticked.length > 0 && !page.checked;
    form.querySelector("[data-replacement]").hidden = !["replace", "add"].includes(action.value);
  };

  page.addEventListener("change", () => {
    for (const item of items) item.checked = page.checked;
    tell();
  });
  form.addEventListener("change", tell);
  form.querySelector("[data-for-scripts]").hidden = false;
  // A page from the browser's cache keeps its ticks.
  addEventListener("pageshow", tell);
  tell();
}
