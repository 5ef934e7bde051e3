// Scrolls to the requested row and focuses it.
const found = document.querySelector("tr.found");
if (found) {
  found.scrollIntoView({ block: "center" });
  found.focus({ preventScroll: true });
}
